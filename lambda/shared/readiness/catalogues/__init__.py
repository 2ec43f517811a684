"""What a site says of itself: its sitemaps and OpenAPI documents, read in bounded time and memory."""
