package bank

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"time"

	"kontor/ebics"
	"kontor/ebics/server"
	"kontor/sandbox/bank/books"
	"kontor/sandbox/bank/veu"
)

// nonceMemory is longer than twice the server's window.
const nonceMemory = 2*server.Window + time.Hour

func parseRSA(der []byte) (*rsa.PublicKey, error) {
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return nil, errors.New("not an RSA key")
	}
	return key, nil
}

// HostID implements server.Bank.
func (b *bank) HostID() ebics.HostID { return b.host }

// Keys implements server.Bank.
func (b *bank) Keys() ebics.BankKeys { return b.keys }

// Subscriber implements server.Bank.
func (b *bank) Subscriber(ctx context.Context, s ebics.Subscriber) (state server.SubscriberState, err error) {
	err = b.books.Do(ctx, func(tx *books.Tx) error {
		u, found, err := tx.User(ctx, s)
		if err != nil || !found {
			return err
		}
		state.Known, state.Ready = true, u.State == books.Ready
		if state.Signature, err = decodeKey(u.Signature); err != nil {
			return err
		}
		if state.Authentication, err = decodeKey(u.Authentication); err != nil {
			return err
		}
		state.Encryption, err = decodeKey(u.Encryption)
		return err
	})
	return state, err
}

// UseNonce implements server.Bank.
func (b *bank) UseNonce(ctx context.Context, s ebics.Subscriber, nonce string, at time.Time) (fresh bool, err error) {
	err = b.books.Do(ctx, func(tx *books.Tx) (err error) {
		fresh, err = tx.UseNonce(ctx, s, nonce, at, b.now().Add(-nonceMemory))
		return err
	})
	return fresh, err
}

// StoreSignatureKey implements server.Bank: INI.
func (b *bank) StoreSignatureKey(ctx context.Context, s ebics.Subscriber, key ebics.PublicKey) (ebics.ReturnCode, error) {
	return b.initialise(ctx, s, ebics.INI, func(u *books.User) (ebics.ReturnCode, error) {
		for _, stored := range [][]byte{u.Authentication, u.Encryption} {
			other, err := decodeKey(stored)
			if err != nil {
				return "", err
			}
			if other != nil && other.Key.Equal(key.Key) {
				return ebics.KeymgmtDuplicateKey, nil
			}
		}
		switch u.State {
		case books.New:
			u.State = books.PartlyINI
		case books.PartlyHIA:
			u.State = books.Initialized
		case books.PartlyINI, books.Initialized, books.Ready, books.Suspended:
			return ebics.InvalidUserOrUserState, nil
		}
		var err error
		u.Signature, err = encodeKey(key)
		return ebics.OK, err
	})
}

// StoreKeys implements server.Bank: HIA.
func (b *bank) StoreKeys(ctx context.Context, s ebics.Subscriber, authentication, encryption ebics.PublicKey) (ebics.ReturnCode, error) {
	return b.initialise(ctx, s, ebics.HIA, func(u *books.User) (ebics.ReturnCode, error) {
		signature, err := decodeKey(u.Signature)
		if err != nil {
			return "", err
		}
		if signature != nil && (signature.Key.Equal(authentication.Key) || signature.Key.Equal(encryption.Key)) {
			return ebics.KeymgmtDuplicateKey, nil
		}
		switch u.State {
		case books.New:
			u.State = books.PartlyHIA
		case books.PartlyINI:
			u.State = books.Initialized
		case books.PartlyHIA, books.Initialized, books.Ready, books.Suspended:
			return ebics.InvalidUserOrUserState, nil
		}
		if u.Authentication, err = encodeKey(authentication); err != nil {
			return "", err
		}
		u.Encryption, err = encodeKey(encryption)
		return ebics.OK, err
	})
}

// initialise lets apply change a user by INI or HIA, and writes the log. An
// unknown user is refused like one in the wrong state, unless the bank is open.
func (b *bank) initialise(ctx context.Context, s ebics.Subscriber, order ebics.OrderType, apply func(*books.User) (ebics.ReturnCode, error)) (code ebics.ReturnCode, err error) {
	err = b.books.Do(ctx, func(tx *books.Tx) error {
		u, found, err := tx.User(ctx, s)
		if err != nil {
			return err
		}
		if !found && b.open {
			found = true
			if u, err = b.newcomer(ctx, tx, s); err != nil {
				return err
			}
		}
		code = ebics.InvalidUserOrUserState
		if found {
			if code, err = apply(&u); err != nil {
				return err
			}
		}
		if code == ebics.OK {
			if b.open && u.State == books.Initialized {
				u.State = books.Ready
			}
			if err := tx.SaveUser(ctx, u); err != nil {
				return err
			}
		}
		return b.logAtOnce(ctx, tx, s, server.OrderHeader{Type: order, Attribute: ebics.AttributeUnsigned}, code)
	})
	return code, err
}

// activateWaiting lets an open bank's users work who sent INI and HIA while it
// was not open: they cannot send them again, so nothing else would activate them.
func (b *bank) activateWaiting(ctx context.Context, tx *books.Tx) error {
	if !b.open {
		return nil
	}
	users, err := tx.Users(ctx)
	if err != nil {
		return err
	}
	for _, u := range users {
		if u.State != books.Initialized {
			continue
		}
		u.State = books.Ready
		if err := tx.SaveUser(ctx, u); err != nil {
			return err
		}
	}
	return nil
}

// newcomer is a user of an open bank that it has never heard of: class T for
// service bureaus and unknown partners, class A for partners whose users sign.
func (b *bank) newcomer(ctx context.Context, tx *books.Tx, s ebics.Subscriber) (books.User, error) {
	u := books.User{Subscriber: s, Class: veu.Transport, State: books.New}
	if err := tx.AddPartner(ctx, s.Partner); err != nil {
		return u, err
	}
	users, err := tx.Users(ctx)
	if err != nil {
		return u, err
	}
	for _, other := range users {
		if other.Partner == s.Partner && other.Class != veu.Transport {
			u.Class = veu.First
		}
	}
	return u, nil
}
