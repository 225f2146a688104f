"""What the pages have of `protocol/`, as TypeScript: each module writes a file or two."""
