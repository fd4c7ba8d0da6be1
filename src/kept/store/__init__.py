"""The only Django app with tables: models, migrations, named SQL, bulk transport, facts."""
