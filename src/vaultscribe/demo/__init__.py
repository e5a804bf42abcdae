"""The whole journey, offline: a loopback site plays the internet, all else is real."""
