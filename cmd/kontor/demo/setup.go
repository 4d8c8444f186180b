package demo

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Names of what the demo sets up.
const (
	tenantHandle = "acme"
	tenantName   = "Acme GmbH"
	bankHandle   = "sandbox"
	keyName      = "ERP"
	letterLines  = 8
	hashShown    = 16 // hexadecimal digits
)

// bringCompany makes tenant and API key; for a file of the user's own, the bank opens its debtor accounts. The hub learns of the
// accounts in meetBank, since each belongs to a contact.
func (s *story) bringCompany(ctx context.Context) error {
	path := s.o.File
	if path == "" {
		path = filepath.Join(s.folder, "files", "salaries-1.xml")
		if err := s.salaries(path, 1); err != nil {
			return err
		}
	}
	file, err := readFile(ctx, path)
	if err != nil {
		return err
	}
	if len(file.Debtors) == 0 { // of an unreadable file: the set-up is complete all the same
		file.Debtors = []debtor{{IBAN: s.cast.Account.IBAN, Name: owner(s.cast.Account), Currency: s.cast.Account.Currency}}
	}
	s.file = file
	if err := s.command(ctx, nil, "tenant", "add", tenantHandle, "--name", tenantName); err != nil {
		return err
	}
	s.screen.done(textTenant, tenantName)
	var made struct {
		Secret string `json:"secret"`
	}
	if err := s.command(ctx, &made, "key", "add", "--tenant", tenantHandle, "--name", keyName); err != nil {
		return err
	}
	if made.Secret == "" {
		return errors.New("kontor admin key add answered without a key")
	}
	s.hub.key = made.Secret
	s.screen.done(textKey, keyName)
	return s.openAccounts(ctx)
}

// openAccounts has the bank open the accounts of the user's own file, held by the customer who will sign.
func (s *story) openAccounts(ctx context.Context) error {
	if s.o.File == "" {
		return nil // the bank's sample data has the account
	}
	for _, d := range s.file.Debtors {
		balance, err := d.enough()
		if err != nil {
			return err
		}
		account := newAccount{
			IBAN: d.IBAN, Currency: d.Currency, Owner: d.Name, OpeningBalance: balance,
			HolderPartner: s.cast.Account.HolderPartner, BureauPartner: s.cast.Transport.Partner,
		}
		if err := s.bank.openAccount(ctx, account); err != nil {
			return fmt.Errorf("opening an account at the bank: %w", err)
		}
		s.screen.done(textBankAccountOpened, d.IBAN)
	}
	return nil
}

// meetBank makes the operator's contact and takes it through the key ceremony of EBICS, then adds the tenant's accounts.
func (s *story) meetBank(ctx context.Context) error {
	err := s.command(ctx, nil, "bank", "add", bankHandle, "--name", "Sandbox Bank",
		"--url", s.bankAt.URL, "--host-id", s.bankAt.HostID, "--ca", s.bankAt.CA, "--protocol", s.protocol())
	if err != nil {
		return err
	}
	if err := s.agreeOnVersion(ctx); err != nil {
		return err
	}
	var contact struct {
		ID string `json:"id"`
	}
	err = s.command(ctx, &contact, "contact", "add", "--bank", bankHandle, "--partner", s.cast.Transport.Partner, "--user", s.cast.Transport.User)
	if err != nil {
		return err
	}
	if contact.ID == "" {
		return errors.New("kontor admin contact add answered without an id")
	}
	s.contactID = contact.ID
	s.screen.done(textContactAdded, s.cast.Transport.User, s.cast.Transport.Partner)
	if err := s.command(ctx, nil, "contact", "init", s.contactID); err != nil {
		return err
	}
	s.screen.done(textContactSent)
	if err := s.activate(ctx); err != nil {
		return err
	}
	if err := s.trustBank(ctx); err != nil {
		return err
	}
	for _, d := range s.file.Debtors {
		err := s.command(ctx, nil, "account", "add", "--tenant", tenantHandle, "--contact", s.contactID,
			"--iban", d.IBAN, "--currency", d.Currency, "--holder", d.Name)
		if err != nil {
			return err
		}
		s.screen.done(textAccount, d.IBAN)
	}
	return s.awaitFirstPolls(ctx)
}

// protocol is the version of EBICS that is spoken in the story.
func (s *story) protocol() string { return cmp.Or(s.o.Protocol, "H004") }

// agreeOnVersion has the bank asked for its versions (HEV): the one of the story must be among them.
func (s *story) agreeOnVersion(ctx context.Context) error {
	var offered struct {
		Versions []string `json:"versions"`
	}
	err := s.command(ctx, &offered, "bank", "versions", s.bankAt.URL, "--host-id", s.bankAt.HostID, "--ca", s.bankAt.CA)
	if err != nil {
		return err
	}
	if !slices.Contains(offered.Versions, s.protocol()) {
		return fmt.Errorf("the bank offers %q and not EBICS %s", offered.Versions, s.protocol())
	}
	s.screen.done(textVersion, s.protocol(), clean(strings.Join(offered.Versions, ", ")))
	return nil
}

// published are the hashes that the bank publishes for the version of the story: in H005 of certificates.
func (s *story) published(state bankState) map[string]string {
	if s.protocol() == "H005" {
		return state.Certificates
	}
	return state.Hashes
}

// awaitFirstPolls waits until the hub has asked the bank for everything once, as it does with every new contact. Only then is it
// the waiting time after an upload that decides when the hub asks again, so that FIN_UPLOAD_SUCCEEDED lasts long enough to be seen.
func (s *story) awaitFirstPolls(ctx context.Context) error {
	ctx, cancel := s.within(ctx, "the hub to ask the bank for the first time")
	defer cancel()
	stop := s.screen.wait(textWaitFirstPolls)
	defer stop()
	for {
		var answer struct {
			Polls []struct {
				OrderType string `json:"orderType"`
				Last      string `json:"last"`
			} `json:"polls"`
		}
		if err := s.admin.run(ctx, &answer, "poll", "list", "--contact", s.contactID); err != nil {
			return err
		}
		var asked []string
		for _, poll := range answer.Polls {
			if poll.Last != "" {
				asked = append(asked, poll.OrderType)
			}
		}
		if len(asked) > 0 && len(asked) == len(answer.Polls) {
			stop()
			s.screen.done(textFirstPolls, clean(strings.Join(asked, ", ")))
			return nil
		}
		if err := pause(ctx, lookOften); err != nil {
			return err
		}
	}
}

// activate carries the letter to the bank: its hashes must be those of the keys that the bank received.
func (s *story) activate(ctx context.Context) error {
	var letter struct {
		Text   string            `json:"text"`
		Hashes map[string]string `json:"hashes"`
	}
	if err := s.command(ctx, &letter, "contact", "letter", s.contactID, "--language", s.o.Language); err != nil {
		return err
	}
	for _, version := range []string{"A006", "X002", "E002"} {
		if _, err := hash(letter.Hashes[version]); err != nil {
			return fmt.Errorf("the letter's hash of the %s key: %w", version, err)
		}
	}
	s.screen.note(textLetter)
	s.screen.quote(opening(letter.Text)...)
	if err := s.bank.activate(ctx, s.cast.Transport.Partner, s.cast.Transport.User, letter.Hashes); err != nil {
		return fmt.Errorf("activating the contact at the bank: %w", err)
	}
	s.screen.done(textActivated, short(letter.Hashes["A006"]))
	return nil
}

// trustBank fetches the bank's keys and compares them with those it publishes. What HPB brings is unsigned: only the comparison
// makes it trustworthy.
func (s *story) trustBank(ctx context.Context) error {
	var fetched struct {
		Authentication string `json:"authenticationHash"`
		Encryption     string `json:"encryptionHash"`
	}
	if err := s.command(ctx, &fetched, "contact", "fetch-keys", s.contactID); err != nil {
		return err
	}
	s.screen.done(textBankKeys)
	state, err := s.bank.state(ctx)
	if err != nil {
		return fmt.Errorf("asking the bank for its published keys: %w", err)
	}
	for _, pair := range []struct{ name, fetched, published string }{
		{"X002", fetched.Authentication, s.published(state)["X002"]},
		{"E002", fetched.Encryption, s.published(state)["E002"]},
	} {
		ours, err := hash(pair.fetched)
		if err != nil {
			return fmt.Errorf("the fetched hash of the bank's %s key: %w", pair.name, err)
		}
		theirs, err := hash(pair.published)
		if err != nil {
			return fmt.Errorf("the published hash of the bank's %s key: %w", pair.name, err)
		}
		if ours != theirs {
			return fmt.Errorf("the bank's %s key is not the one it publishes: %s, not %s", pair.name, short(pair.fetched), short(pair.published))
		}
		s.screen.done(textHashesEqual, pair.name, short(pair.fetched), short(pair.published))
	}
	err = s.command(ctx, nil, "contact", "confirm", s.contactID,
		"--authentication-hash", fetched.Authentication, "--encryption-hash", fetched.Encryption)
	if err != nil {
		return err
	}
	s.screen.done(textContactReady)
	return nil
}

// salaries writes the n-th built-in payment file.
func (s *story) salaries(path string, n int) error {
	day := s.state.BusinessDate
	messageID := fmt.Sprintf("SALARY-%s-%d", strings.ReplaceAll(day, "-", ""), n)
	return writeSalaries(path, messageID, s.cast.Account, day, time.Now())
}

// hash reads a SHA-256 in hexadecimal digits, with or without blanks between them.
func hash(text string) ([32]byte, error) {
	var sum [32]byte
	bytes, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil || len(bytes) != len(sum) {
		return sum, errors.New("not a SHA-256 hash")
	}
	copy(sum[:], bytes)
	return sum, nil
}

// short is the beginning of a hash, for people who compare.
func short(text string) string {
	text = strings.ToUpper(strings.Join(strings.Fields(text), ""))
	return text[:min(len(text), hashShown)]
}

// opening returns the first lines of a letter that say something.
func opening(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, " \r\n"); line != "" && len(lines) < letterLines {
			lines = append(lines, line)
		}
	}
	return lines
}

// owner is the account holder's name.
func owner(a bankAccount) string {
	if a.Owner == "" {
		return tenantName
	}
	return a.Owner
}
