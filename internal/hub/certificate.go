package hub

import "time"

// CertificateFacts is what people want to know of the certificates that a contact's keys are handed to the bank in.
type CertificateFacts struct {
	Hashes  map[string]string // SHA-256 of the certificate (hex) by key version: A005 or A006, X002, E002; nil = bare keys
	Expires time.Time         // the first of their ends; zero = bare keys
}
