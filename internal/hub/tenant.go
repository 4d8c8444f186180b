package hub

import (
	"strings"
	"time"
)

// TenantState says whether a tenant's key still exists.
type TenantState string

// The states of a tenant.
const (
	TenantActive    TenantState = "active"
	TenantDestroyed TenantState = "destroyed" // its certificate's private key is gone; nothing of it can be read any more
)

// Tenant is one customer of the installation.
type Tenant struct {
	ID       TenantID
	Handle   string // the operator's short name for it, unique: lower-case letters, digits, hyphens
	Name     string // sealed
	State    TenantState
	Settings TenantSettings
	Created  time.Time
}

// TenantSettings are the choices of a tenant. A field's zero value is its default.
type TenantSettings struct {
	// DoubleSubmissionHours is the window within which the same file is refused: 1 to 48 hours; 0 means 24.
	DoubleSubmissionHours int `json:"doubleSubmissionHours,omitempty"`

	Verification Verification `json:"verification,omitzero"`
}

// DoubleSubmissionWindow returns the window within which an equal file is a double submission; 0 if that is not looked for.
func (s TenantSettings) DoubleSubmissionWindow() time.Duration {
	switch {
	case s.Verification.IsOff(CheckDoubleSubmission):
		return 0
	case s.DoubleSubmissionHours == 0:
		return 24 * time.Hour
	}
	return time.Duration(s.DoubleSubmissionHours) * time.Hour
}

// Validate checks the settings' ranges.
func (s TenantSettings) Validate() error {
	if s.DoubleSubmissionHours < 0 || s.DoubleSubmissionHours > 48 {
		return Errorf(CodeInvalid, "the double submission window is 1 to 48 hours, not %d", s.DoubleSubmissionHours)
	}
	return s.Verification.Validate()
}

// ValidHandle says whether a short name given by an operator is well formed: 1 to 40 lower-case letters, digits and inner hyphens.
func ValidHandle(name string) bool {
	if name == "" || len(name) > 40 || name == string(Operator) || strings.HasPrefix(name, "-") || strings.HasSuffix(name, "-") {
		return false
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			return false
		}
	}
	return true
}

// Account is a bank account of a tenant, reached through one contact. Its IBAN and currency are unique in the installation, since
// what a bank delivers is split to tenants by them.
type Account struct {
	ID       AccountID
	Tenant   TenantID
	Contact  ContactID
	Currency string
	IBAN     string // sealed
	Holder   string // sealed
	Created  time.Time
}
