// Package store remembers. It is the only package that speaks SQL; the same statements run on SQLite (one file) and on PostgreSQL.
//
// Write and Read run a function in one transaction; everything that belongs together (state, history, audit row, next job) is written
// by one Write. Large things are staged in short batches (Staging) and become visible by the one small transaction that publishes
// them. Everything an owner owns is sealed here, with the owner's keys, before it reaches a statement; callers deal in hub types.
package store
