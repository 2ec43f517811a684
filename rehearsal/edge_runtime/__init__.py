"""Runs the deployed CloudFront function code on this machine."""
