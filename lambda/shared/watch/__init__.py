"""The guarded watch after 100 %: how long everybody has been on new, by hours that CloudWatch keeps."""
