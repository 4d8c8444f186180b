package collect

import (
	"context"
	"fmt"
	"slices"

	"kontor/account"
	"kontor/internal/hub"
	"kontor/internal/killpoint"
	"kontor/internal/store"
)

// Offer is what callers of the API see of the documents that banks delivered: lists, the bytes, and the acknowledgement by which a
// document stops being new. It only reads what collecting has stored, except for that mark. It is safe for concurrent use.
type Offer struct{ store *store.Store }

// NewOffer returns the offer of the documents in s.
func NewOffer(s *store.Store) *Offer { return &Offer{store: s} }

// List returns the caller's documents that the filter selects, newest first. CodeForbidden without document.read.
func (o *Offer) List(ctx context.Context, p hub.Principal, f hub.DocumentFilter) ([]hub.Document, error) {
	if err := p.Require(hub.ScopeDocumentRead); err != nil {
		return nil, err
	}
	var out []hub.Document
	err := o.store.Read(ctx, func(tx *store.Tx) (err error) {
		out, err = tx.Documents(ctx, p.Tenant, f)
		return err
	})
	return out, err
}

// ListByIBAN is List for the accounts with one IBAN: a bank may keep several currencies under it, each an account of its own. The
// filter's Account must be empty. CodeNotFound if the caller's tenant has no account with this IBAN.
func (o *Offer) ListByIBAN(ctx context.Context, p hub.Principal, f hub.DocumentFilter, iban string) ([]hub.Document, error) {
	ids, err := o.AccountsByIBAN(ctx, p, iban)
	if err != nil {
		return nil, err
	}
	all, err := o.List(ctx, p, f)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(d hub.Document) bool { return !slices.Contains(ids, d.Account) }), nil
}

// AccountsByIBAN returns the accounts of the caller's tenant with this IBAN, one for each currency; blanks and lower case are
// tolerated. CodeNotFound if there is none, whether or not it is somebody else's; CodeForbidden without document.read.
func (o *Offer) AccountsByIBAN(ctx context.Context, p hub.Principal, iban string) ([]hub.AccountID, error) {
	if err := p.Require(hub.ScopeDocumentRead); err != nil {
		return nil, err
	}
	wanted := account.NormaliseIBAN(iban)
	var ids []hub.AccountID
	err := o.store.Read(ctx, func(tx *store.Tx) error {
		accounts, err := tx.Accounts(ctx, p.Tenant)
		for _, a := range accounts {
			if a.IBAN == wanted {
				ids = append(ids, a.ID)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, hub.Errorf(hub.CodeNotFound, "no account of this tenant has that IBAN")
	}
	return ids, nil
}

// Item returns one document of the caller's tenant. CodeNotFound if it has none of that id, CodeForbidden without document.read.
func (o *Offer) Item(ctx context.Context, p hub.Principal, id hub.DocumentID) (hub.Document, error) {
	if err := p.Require(hub.ScopeDocumentRead); err != nil {
		return hub.Document{}, err
	}
	var d hub.Document
	err := o.store.Read(ctx, func(tx *store.Tx) (err error) {
		d, err = tx.Document(ctx, p.Tenant, id)
		return err
	})
	return d, err
}

// Open returns a document and a reader over its bytes as the bank delivered them, which the caller closes. It acknowledges nothing.
// Errors as for Item.
func (o *Offer) Open(ctx context.Context, p hub.Principal, id hub.DocumentID) (hub.Document, *store.Body, error) {
	d, err := o.Item(ctx, p, id)
	if err != nil {
		return hub.Document{}, nil, err
	}
	body, err := o.store.OpenBody(ctx, p.Tenant.Owner(), hub.BodyID(id))
	if err != nil {
		//nolint:errorlint // without its code: a document whose bytes are missing is damage, not an unknown document
		return hub.Document{}, nil, fmt.Errorf("open body of document %s: %v", id, err)
	}
	return d, body, nil
}

// OpenForRetrieval is Open for a caller who will acknowledge the document when it has it: it needs document.acknowledge as well, so
// that nobody gets bytes whose acknowledgement would then be refused.
func (o *Offer) OpenForRetrieval(ctx context.Context, p hub.Principal, id hub.DocumentID) (hub.Document, *store.Body, error) {
	if err := p.Require(hub.ScopeDocumentAcknowledge); err != nil {
		return hub.Document{}, nil, err
	}
	return o.Open(ctx, p, id)
}

// Acknowledge marks a document as retrieved, with event and audit row, and returns it. Doing it again changes and notes nothing.
// CodeNotFound if the tenant has no such document, CodeForbidden without document.acknowledge.
func (o *Offer) Acknowledge(ctx context.Context, p hub.Principal, id hub.DocumentID) (hub.Document, error) {
	if err := p.Require(hub.ScopeDocumentAcknowledge); err != nil {
		return hub.Document{}, err
	}
	var d hub.Document
	err := o.store.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.MarkRetrieved(ctx, p.Tenant, id, p.Actor()); err != nil {
			return err
		}
		var err error
		d, err = tx.Document(ctx, p.Tenant, id) // CodeNotFound for an id that MarkRetrieved did not find
		return err
	})
	if err != nil {
		return hub.Document{}, err
	}
	killpoint.Reach(killpoint.DocumentAfterAcknowledge)
	return d, nil
}
