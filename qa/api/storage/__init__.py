"""What a running server keeps."""
