// Package hub is the vocabulary of Kontor: tenant, account, contact, payment file, payment, document, event, audit, lease, error
// codes, the state table and the arguments of jobs. It is pure: no I/O, no clock, no SQL, no randomness. Whoever wants to know what a
// word means in this program finds it here; what happens to the things is told by the flows, what is remembered of them by store.
package hub
