"""What every endpoint needs: authentication, scopes, problems, paging, conditional requests, the schema. Imports no endpoint."""
