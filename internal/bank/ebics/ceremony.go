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

// GenerateKeys makes the key pairs of a link's contact, in self-signed certificates where its bank wants some; signature is the version of
// its order signatures, A005 or A006. Of the contact its ids and when it was made are used.
func (c Ceremony) GenerateKeys(l hub.Link, signature string) (hub.Secret, error) {
	w, err := waysOf(l.Bank.Profile)
	if err != nil {
		return nil, err
	}
	keys, err := ebics.GenerateKeys(signature, max(c.o.KeyBits, w.profile.KeyBits))
	if err != nil {
		return nil, err
	}
	if w.certificates {
		if keys, err = certified(keys, l.Contact); err != nil {
			return nil, err
		}
	}
	return keys.MarshalBinary()
}

// Versions asks a bank's server which versions of EBICS it offers (HEV), newest last as banks write them. Of the bank its address, authority,
// host id and pins are used. Nothing but TLS protects the answer.
func (c Ceremony) Versions(ctx context.Context, b hub.Bank) ([]string, error) {
	h, err := c.httpClient(b)
	if err != nil {
		return nil, err
	}
	config := client.Config{URL: b.URL, HostID: ebics.HostID(b.HostID), HTTP: h, Now: c.o.Now, Product: c.o.Product}
	if config.PinnedKeys, err = pins(b.Profile); err != nil {
		return nil, err
	}
	offered, err := client.HEV(ctx, config)
	if err != nil {
		return nil, outcomeOf(err)
	}
	var out []string
	for _, o := range offered {
		out = append(out, string(o.Version))
	}
	return out, nil
}

// Certificates tells of the certificates that the contact's keys are handed to the bank in.
func (c Ceremony) Certificates(l hub.Link) (f hub.CertificateFacts, err error) {
	w, err := waysOf(l.Bank.Profile)
	if err != nil {
		return f, err
	}
	keys, err := contactKeys(l, w)
	if err != nil {
		return f, err
	}
	f.Expires, _ = keys.Expires()
	for _, k := range publicOf(keys) {
		if digest, ok := k.CertificateDigest(); ok {
			if f.Hashes == nil {
				f.Hashes = map[string]string{}
			}
			f.Hashes[k.Version] = hexOf(digest)
		}
	}
	return f, nil
}

// Letter writes the INI and HIA letter.
func (c Ceremony) Letter(w io.Writer, l hub.Link, form hub.LetterForm, at time.Time) error {
	language, err := letter.ParseLanguage(form.Language)
	if err != nil {
		return &hub.Error{Code: hub.CodeInvalid, Message: err.Error(), Err: err}
	}
	ways, err := waysOf(l.Bank.Profile)
	if err != nil {
		return err
	}
	keys, err := contactKeys(l, ways)
	if err != nil {
		return err
	}
	i := letter.Initialisation{
		Language: language, Bank: l.Bank.Name, Host: ebics.HostID(l.Bank.HostID), Name: form.Name, At: at, Keys: publicOf(keys),
		Subscriber: ebics.Subscriber{Partner: ebics.PartnerID(l.Contact.PartnerID), User: ebics.UserID(l.Contact.UserID)},
	}
	if form.PDF {
		return i.PDF(w)
	}
	return i.Text(w)
}

// ContactHashes returns the hashes of a contact's public keys by version: of the keys themselves, whatever they come in.
func (c Ceremony) ContactHashes(secret hub.Secret) (map[string]string, error) {
	var keys ebics.SubscriberKeys
	if err := keys.UnmarshalBinary(secret); err != nil {
		return nil, fmt.Errorf("read contact's keys: %w", err)
	}
	out := map[string]string{}
	for _, k := range publicOf(keys) {
		out[k.Version] = hexOf(k.Digest())
	}
	return out, nil
}

// BankHashes returns the hashes of a bank's public keys as requests name them: in H005 those of their certificates, unless the keys came
// bare or the bank is set otherwise.
func (c Ceremony) BankHashes(b hub.Bank, keys []byte) (authentication, encryption string, err error) {
	w, err := waysOf(b.Profile)
	if err != nil {
		return "", "", err
	}
	var k ebics.BankPublicKeys
	if err := k.UnmarshalBinary(keys); err != nil {
		return "", "", fmt.Errorf("read bank's keys: %w", err)
	}
	x, err := k.Authentication.DigestAs(w.digest, w.version)
	if err != nil {
		return "", "", &hub.Error{Code: hub.CodeInvalid, Message: err.Error(), Err: err}
	}
	e, err := k.Encryption.DigestAs(w.digest, w.version)
	if err != nil {
		return "", "", &hub.Error{Code: hub.CodeInvalid, Message: err.Error(), Err: err}
	}
	return hexOf(x), hexOf(e), nil
}
