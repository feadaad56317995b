"""What tests share: builders, fakes, servers, and the paths of the repository."""
