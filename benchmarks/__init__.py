"""What a request costs: FastAPI on uvicorn and this package, measured side by side in one run."""
