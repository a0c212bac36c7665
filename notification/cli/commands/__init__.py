"""The commands. Each module has a `SUMMARY`, adds its arguments (`add_arguments`) and runs (`run`)."""
