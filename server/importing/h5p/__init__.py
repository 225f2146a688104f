"""H5P: packages of JSON, as editors for learning content write them."""
