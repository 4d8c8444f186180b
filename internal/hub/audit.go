package hub

import "time"

// AuditRow says who did what to what, why and with which result. It commits with the action: no audit row, no action.
type AuditRow struct {
	Owner   Owner
	ID      string
	At      time.Time
	Actor   Actor
	Action  string // noun.verb, e.g. payment_file.receive, api_key.deactivate
	Subject string // id of the thing
	Detail  map[string]string
}

// AuditLink is one link of an owner's chain: SHA-256 over the previous link and the row's digest.
type AuditLink struct {
	Owner  Owner
	Number int64 // from 1, without gaps
	RowID  string
	Digest []byte // of the row as stored, 32 bytes
	Link   []byte // 32 bytes
}
