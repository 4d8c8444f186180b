package hub

import "time"

// APIKey is the record of an API key; the key itself is known to the caller alone.
type APIKey struct {
	ID       KeyID
	Tenant   TenantID
	Name     string // sealed
	Scopes   []Scope
	Active   bool
	Created  time.Time
	LastUsed time.Time // zero = never
}
