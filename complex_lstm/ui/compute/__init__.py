"""Everything that is computed for a page: caches shared by all visitors, and jobs beside the pages."""
