"""The same exam on other real-time servers, each as its own documentation sets it up, beside ours."""
