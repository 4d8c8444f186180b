package hub

import "slices"

// Scope is a right of an API key.
type Scope string

// The scopes. A key without a scope gets CodeForbidden on the endpoints that need it.
const (
	ScopePaymentSubmit       Scope = "payment.submit"
	ScopePaymentRead         Scope = "payment.read"
	ScopeDocumentRead        Scope = "document.read"
	ScopeDocumentAcknowledge Scope = "document.acknowledge"
)

// Scopes returns all scopes, in the order in which they are shown.
func Scopes() []Scope {
	return []Scope{ScopePaymentSubmit, ScopePaymentRead, ScopeDocumentRead, ScopeDocumentAcknowledge}
}

// Actor names who did something, in events and audit rows: "key:<id>", "operator:<login>" or "system:<flow>".
type Actor string

// SystemActor is a part of the program that acts by itself.
func SystemActor(flow string) Actor { return Actor("system:" + flow) }

// OperatorActor is the person at the command line.
func OperatorActor(login string) Actor { return Actor("operator:" + login) }

// Principal is an authenticated caller of the API.
type Principal struct {
	Tenant TenantID
	Key    KeyID
	Scopes []Scope
}

// Actor returns the principal's name in events and audit rows.
func (p Principal) Actor() Actor { return Actor("key:" + string(p.Key)) }

// Require returns a CodeForbidden error unless the principal has the scope.
func (p Principal) Require(s Scope) error {
	if slices.Contains(p.Scopes, s) {
		return nil
	}
	return Errorf(CodeForbidden, "the API key lacks the scope %s", s)
}
