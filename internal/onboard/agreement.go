package onboard

import (
	"context"
	"io"

	"kontor/account"
	"kontor/ebics"
	"kontor/ebics/letter"
	"kontor/internal/hub"
	"kontor/internal/store"
)

// Agreement writes the agreement form of one of a tenant's accounts, filled in as far as it is known here. How orders are released is what the
// bank's profile says of their upload; where it says two things, it is left to be marked by hand. An account that is reached through a contact
// of the tenant's own needs no agreement: conflict.
func (o *Onboard) Agreement(ctx context.Context, w io.Writer, tenant hub.TenantID, id hub.AccountID, form hub.AgreementForm) error {
	language, err := letter.ParseLanguage(form.Language)
	if err != nil {
		return &hub.Error{Code: hub.CodeInvalid, Message: err.Error(), Err: err}
	}
	if !form.CreditTransfers && !form.DirectDebits && !form.Statements {
		return hub.Errorf(hub.CodeInvalid, "an agreement permits at least one of credit transfers, direct debits and statements")
	}
	a, l, err := o.accountLink(ctx, tenant, id)
	if err != nil {
		return err
	}
	if l.Contact.Owner != hub.Operator {
		return hub.Errorf(hub.CodeConflict, "the account is reached through a contact of the tenant's own: no agreement on a service bureau is needed")
	}
	agreement := letter.Agreement{
		Language: language, Bank: l.Bank.Name, Host: ebics.HostID(l.Bank.HostID), Bureau: form.Bureau, BureauAddress: form.BureauAddress,
		Transport: ebics.Subscriber{Partner: ebics.PartnerID(l.Contact.PartnerID), User: ebics.UserID(l.Contact.UserID)},
		Holder:    a.Holder, IBAN: account.IBAN(a.IBAN), Currency: a.Currency,
		CreditTransfers: form.CreditTransfers, DirectDebits: form.DirectDebits, Statements: form.Statements,
		Release: release(l.Bank.Profile, form), At: o.store.Now(),
	}
	if form.PDF {
		return agreement.PDF(w)
	}
	return agreement.Text(w)
}

// release says how orders are released at a bank by how they are uploaded.
func release(p hub.BankProfile, form hub.AgreementForm) letter.Release {
	var uploads []string
	if form.CreditTransfers {
		uploads = append(uploads, hub.OrderCreditTransfer)
	}
	if form.DirectDebits {
		uploads = append(uploads, hub.OrderDirectDebitCore, hub.OrderDirectDebitB2B)
	}
	ways := map[letter.Release]bool{}
	for _, orderType := range uploads {
		if p.Attribute(orderType) == hub.AttributeDZHNN {
			ways[letter.ReleaseNote] = true
		} else {
			ways[letter.ReleaseSigned] = true
		}
	}
	if len(ways) == 1 {
		for way := range ways {
			return way
		}
	}
	return letter.ReleaseOpen
}

// accountLink reads a tenant's account and through whom it is reached.
func (o *Onboard) accountLink(ctx context.Context, tenant hub.TenantID, id hub.AccountID) (a hub.Account, l hub.Link, err error) {
	err = o.store.Read(ctx, func(tx *store.Tx) error {
		all, err := tx.Accounts(ctx, tenant)
		if err != nil {
			return err
		}
		found := false
		for _, one := range all {
			if one.ID == id {
				a, found = one, true
			}
		}
		if !found {
			return hub.Errorf(hub.CodeNotFound, "no account %q", id)
		}
		if l.Contact, err = tx.Contact(ctx, a.Contact); err != nil {
			return err
		}
		l.Bank, err = tx.Bank(ctx, l.Contact.Bank)
		return err
	})
	return a, l, err
}
