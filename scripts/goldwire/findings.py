"""The table of everything that a check can find. Codes are public: they never change their meaning."""
