"""What every connector's tests share: stand-ins for platforms, faults on request, the contract."""
