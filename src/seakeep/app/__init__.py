"""One module per use case; joins the adapters to the core."""
