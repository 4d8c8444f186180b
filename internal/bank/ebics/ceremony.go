package ebics

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"kontor/ebics"
	"kontor/ebics/client"
	"kontor/ebics/letter"
	"kontor/internal/hub"
)

// Initialise implements onboard.Bank: INI, then HIA. A bank that has our signature key already, because an earlier try ended between
// the two, refuses INI with a word about the subscriber's state: HIA then decides.
func (c *Channel) initialiseKeys(ctx context.Context, l hub.Link) error {
	s, err := c.session(l)
	if err != nil {
		return err
	}
	ini := s.INI(ctx)
	if ini != nil && !stateRefusal(ini) {
		return outcomeOf(ini)
	}
	if err := s.HIA(ctx); err != nil {
		return outcomeOf(errors.Join(ini, err))
	}
	return nil
}

func stateRefusal(err error) bool {
	e, ok := errors.AsType[*client.Error](err)
	if !ok {
		return false
	}
	for _, code := range []ebics.ReturnCode{e.Technical, e.Business} {
		if code == ebics.InvalidUserOrUserState || code == ebics.InvalidUserState {
			return true
		}
	}
	return false
}

// Ceremony is the channel as onboard sees it.
type Ceremony struct{ *Channel }

// Initialise sends the contact's public keys.
func (c Ceremony) Initialise(ctx context.Context, l hub.Link) error { return c.initialiseKeys(ctx, l) }

// FetchKeys asks the bank for its public keys (HPB); they are not trusted before a person has compared their hashes.
func (c Ceremony) FetchKeys(ctx context.Context, l hub.Link) ([]byte, error) {
	s, err := c.session(l)
	if err != nil {
		return nil, err
	}
	keys, err := s.HPB(ctx)
	if err != nil {
		return nil, outcomeOf(err)
	}
	return keys.MarshalBinary()
}

// GenerateKeys makes a contact's key pairs; signature is the version of its order signatures, A005 or A006.
func (c Ceremony) GenerateKeys(signature string) (hub.Secret, error) {
	keys, err := ebics.GenerateKeys(signature, c.o.KeyBits)
	if err != nil {
		return nil, err
	}
	return keys.MarshalBinary()
}

// Letter writes the INI and HIA letter.
func (c Ceremony) Letter(w io.Writer, l hub.Link, form hub.LetterForm, at time.Time) error {
	language, err := letter.ParseLanguage(form.Language)
	if err != nil {
		return &hub.Error{Code: hub.CodeInvalid, Message: err.Error(), Err: err}
	}
	keys, err := publicKeys(l.Contact.Keys)
	if err != nil {
		return err
	}
	i := letter.Initialisation{
		Language: language, Bank: l.Bank.Name, Host: ebics.HostID(l.Bank.HostID), Name: form.Name, At: at, Keys: keys,
		Subscriber: ebics.Subscriber{Partner: ebics.PartnerID(l.Contact.PartnerID), User: ebics.UserID(l.Contact.UserID)},
	}
	if form.PDF {
		return i.PDF(w)
	}
	return i.Text(w)
}

// ContactHashes returns the hashes of a contact's public keys by version.
func (c Ceremony) ContactHashes(keys hub.Secret) (map[string]string, error) {
	public, err := publicKeys(keys)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, k := range public {
		out[k.Version] = hexOf(k.Digest())
	}
	return out, nil
}

func publicKeys(secret hub.Secret) ([]ebics.PublicKey, error) {
	var keys ebics.SubscriberKeys
	if err := keys.UnmarshalBinary(secret); err != nil {
		return nil, fmt.Errorf("read contact's keys: %w", err)
	}
	return []ebics.PublicKey{keys.Signature.Public(), keys.Authentication.Public(), keys.Encryption.Public()}, nil
}

// BankHashes returns the hashes of a bank's public keys.
func (c Ceremony) BankHashes(keys []byte) (authentication, encryption string, err error) {
	var k ebics.BankPublicKeys
	if err := k.UnmarshalBinary(keys); err != nil {
		return "", "", fmt.Errorf("read bank's keys: %w", err)
	}
	return hexOf(k.Authentication.Digest()), hexOf(k.Encryption.Digest()), nil
}
