// Package vault holds the keys of Kontor and encrypts everything that an owner (a tenant, or the operator) keeps in the database.
//
// There are three levels of keys:
//
//	root key      32 bytes from a file or the environment. Seals the key store, and gives the peppers of hashed secrets.
//	certificate   one per owner. Its private key is one file of the key store, a directory outside the database and its backups.
//	data key      32 random bytes per owner, kept in the database, wrapped (HPKE, RFC 9180) to the owner's certificate.
//
// From the data key come four keys by HKDF-SHA256 (RFC 5869): for rows, for pages, for bodies, and for the fingerprints by which sealed
// values can be looked up. Whoever has a copy of the database, of any backup of it, and even the root key, reads nothing without the file
// in the key store; destroying that one file makes all of the owner's data unreadable, everywhere, at once.
//
// What is sealed is bound to its place: owner, table and row id, file and page number, body and chunk number. Moved elsewhere, altered,
// cut or re-ordered it is refused with ErrAltered. What sealing cannot show is that a row was put back to an older state of the same
// row: that is what the chained audit rows are for.
//
// The package knows no SQL and no nouns of the hub; it reads no clock. Types that hold secrets print as [redacted].
package vault
