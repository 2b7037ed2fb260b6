"""The small CRM core: people, process, pipeline, customers, work, intake, on a foundation that knows none of them."""
