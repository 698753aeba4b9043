module github.com/example/insightly-scim/clients/go

go 1.22
