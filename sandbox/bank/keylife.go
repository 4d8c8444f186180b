package bank

import (
	"context"

	"kontor/ebics"
	"kontor/ebics/server"
	"kontor/sandbox/bank/books"
)

// ChangeKeys implements server.KeyChanger: PUB, HCA and HCS of a user who is READY.
// The state stays: the old key has signed for the new ones.
func (b *bank) ChangeKeys(ctx context.Context, s ebics.Subscriber, c server.KeyChange) (ebics.ReturnCode, error) {
	return b.change(ctx, s, c.Order, ebics.AttributeOrder, func(u *books.User) (ebics.ReturnCode, error) {
		if u.State != books.Ready {
			return ebics.InvalidUserState, nil
		}
		return ebics.OK, storeKeys(u, c.Signature, c.Authentication, c.Encryption)
	})
}

// storeKeys replaces the keys that are not nil.
func storeKeys(u *books.User, signature, authentication, encryption *ebics.PublicKey) error {
	for _, k := range []struct {
		key *ebics.PublicKey
		to  *[]byte
	}{{signature, &u.Signature}, {authentication, &u.Authentication}, {encryption, &u.Encryption}} {
		if k.key == nil {
			continue
		}
		encoded, err := encodeKey(*k.key)
		if err != nil {
			return err
		}
		*k.to = encoded
	}
	return nil
}

// StoreCertificates implements server.CertificateTaker: H3K of a user who is NEW.
// This bank trusts every authority, so the user is READY at once, as one whose
// authority a real bank trusts.
func (b *bank) StoreCertificates(ctx context.Context, s ebics.Subscriber, signature, authentication, encryption ebics.PublicKey) (ebics.ReturnCode, error) {
	return b.initialise(ctx, s, ebics.H3K, func(u *books.User) (ebics.ReturnCode, error) {
		if u.State != books.New {
			return ebics.InvalidUserOrUserState, nil
		}
		u.State = books.Ready
		return ebics.OK, storeKeys(u, &signature, &authentication, &encryption)
	})
}

// Suspend implements server.Suspender: SPR. Only a person at the counter brings the
// user back.
func (b *bank) Suspend(ctx context.Context, s ebics.Subscriber) (ebics.ReturnCode, error) {
	return b.change(ctx, s, ebics.SPR, ebics.AttributeSigned, func(u *books.User) (ebics.ReturnCode, error) {
		u.State = books.Suspended
		return ebics.OK, nil
	})
}

// change lets apply change a user whom the bank knows, and writes the log.
func (b *bank) change(ctx context.Context, s ebics.Subscriber, order ebics.OrderType, attribute string, apply func(*books.User) (ebics.ReturnCode, error)) (code ebics.ReturnCode, err error) {
	err = b.books.Do(ctx, func(tx *books.Tx) error {
		u, found, err := tx.User(ctx, s)
		if err != nil {
			return err
		}
		code = ebics.InvalidUserOrUserState
		if found {
			if code, err = apply(&u); err != nil {
				return err
			}
		}
		if code == ebics.OK {
			if err := tx.SaveUser(ctx, u); err != nil {
				return err
			}
		}
		return b.logAtOnce(ctx, tx, s, server.OrderHeader{Type: order, Attribute: attribute}, code)
	})
	return code, err
}
