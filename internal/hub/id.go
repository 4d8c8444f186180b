package hub

// Identifiers are UUIDv7 in text form unless their comment says otherwise. They are different types so that two of them in a row in
// a signature cannot be confused.
type (
	// TenantID names one customer of the installation.
	TenantID string
	// AccountID names a bank account of a tenant.
	AccountID string
	// BankID is the short name an operator gives a bank, for example "sandbox": lower-case letters, digits and hyphens.
	BankID string
	// ContactID names an EBICS contact: one subscriber (partner, user, keys) at one bank.
	ContactID string
	// KeyID names an API key; it is not the key.
	KeyID string
	// FileID names a payment file; konfipay's rId.
	FileID string
	// DocumentID names a document that a bank delivered; konfipay's rId.
	DocumentID string
	// BodyID names stored bytes. The body of a payment file or document carries the id of that file or document.
	BodyID string
	// DownloadID names one delivery of a bank: the order data of one download.
	DownloadID string
)

// Owner says under whose key something is sealed: a tenant's id, or Operator.
type Owner string

// Operator is the owner of everything that belongs to whoever runs the installation: its EBICS contacts, raw downloads, quarantine.
const Operator Owner = "operator"

// Owner returns the tenant as an owner.
func (t TenantID) Owner() Owner { return Owner(t) }

// Tenant returns the owner as a tenant; ok is false for the operator.
func (o Owner) Tenant() (id TenantID, ok bool) {
	if o == Operator || o == "" {
		return "", false
	}
	return TenantID(o), true
}
