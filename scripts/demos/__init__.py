"""The demos that scripts/demo.py shows: on a simulated device, and on an emulated board."""
