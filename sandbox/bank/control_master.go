package bank

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"kontor/account"
	"kontor/ebics"
	"kontor/ebics/server"
	"kontor/money"
	"kontor/sandbox/bank/books"
	"kontor/sandbox/bank/veu"
)

type partnerRequest struct {
	PartnerID string        `json:"partnerId"`
	Users     []userRequest `json:"users"`
}

type userRequest struct {
	UserID string `json:"userId"`
	Class  string `json:"class"`
}

// postPartner adds a partner and users; what exists already must be the same.
func (b *bank) postPartner(r *http.Request, body partnerRequest) (any, error) {
	partner, err := ebics.ParsePartnerID(body.PartnerID)
	if err != nil {
		return nil, invalid("%v", err)
	}
	var users []books.User
	for _, u := range body.Users {
		user, err := ebics.ParseUserID(u.UserID)
		if err != nil {
			return nil, invalid("%v", err)
		}
		class, err := veu.ParseClass(u.Class)
		if err != nil {
			return nil, invalid("user %s: %v", user, err)
		}
		users = append(users, books.User{Subscriber: ebics.Subscriber{Partner: partner, User: user}, Class: class, State: books.New})
	}
	ctx := r.Context()
	err = b.books.Do(ctx, func(tx *books.Tx) error {
		if err := tx.AddPartner(ctx, partner); err != nil {
			return err
		}
		for _, u := range users {
			known, found, err := tx.User(ctx, u.Subscriber)
			if err != nil {
				return err
			}
			if found && known.Class != u.Class {
				return conflict("user %s has class %s already", u.User, known.Class)
			}
			if !found {
				if err := tx.SaveUser(ctx, u); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return body, nil
}

type accountRequest struct {
	IBAN           string `json:"iban"`
	Currency       string `json:"currency"`
	Owner          string `json:"owner"`
	HolderPartner  string `json:"holderPartner"`
	BureauPartner  string `json:"bureauPartner"`
	OpeningBalance string `json:"openingBalance"`
}

// account checks the request; an empty currency is EUR, an empty balance zero.
func (q accountRequest) account() (books.Account, error) {
	iban, err := account.ParseIBAN(q.IBAN)
	if err != nil {
		return books.Account{}, invalid("%v", err)
	}
	if noSuchAccount(iban) {
		return books.Account{}, invalid("accounts whose IBAN ends in %s do not exist here", NoAccountSuffix)
	}
	if n := utf8.RuneCountInString(q.Owner); n < 1 || n > 70 {
		return books.Account{}, invalid("owner has %d characters: want 1 to 70", n)
	}
	if q.Currency == "" {
		q.Currency = "EUR"
	}
	if q.OpeningBalance == "" {
		q.OpeningBalance = "0"
	}
	opening, err := money.Parse(q.OpeningBalance, money.Currency(q.Currency))
	if err != nil {
		return books.Account{}, invalid("openingBalance: %v", err)
	}
	a := books.Account{IBAN: iban, Owner: q.Owner, Holder: ebics.PartnerID(q.HolderPartner), Opening: opening, Balance: opening}
	if q.BureauPartner != "" {
		a.Bureaus = []ebics.PartnerID{ebics.PartnerID(q.BureauPartner)}
	}
	return a, nil
}

// postAccount opens an account. If it exists, holder and currency must be the
// same; its balance and owner stay, and the bureau is added.
func (b *bank) postAccount(r *http.Request, body accountRequest) (any, error) {
	wanted, err := body.account()
	if err != nil {
		return nil, err
	}
	ctx := r.Context()
	var now books.Account
	err = b.books.Do(ctx, func(tx *books.Tx) error {
		for _, partner := range append([]ebics.PartnerID{wanted.Holder}, wanted.Bureaus...) {
			known, err := tx.HasPartner(ctx, partner)
			if err != nil {
				return err
			}
			if !known {
				return notFound("no partner %.35q", partner)
			}
		}
		known, found, err := tx.Account(ctx, wanted.IBAN)
		if err != nil {
			return err
		}
		if !found {
			if err := tx.AddAccount(ctx, wanted); err != nil {
				return err
			}
		} else if known.Holder != wanted.Holder || known.Opening.Currency != wanted.Opening.Currency {
			return conflict("the account exists, held by %s in %s", known.Holder, known.Opening.Currency)
		} else {
			for _, bureau := range wanted.Bureaus {
				if err := tx.AddBureau(ctx, wanted.IBAN, bureau); err != nil {
					return err
				}
			}
		}
		now, _, err = tx.Account(ctx, wanted.IBAN)
		return err
	})
	if err != nil {
		return nil, err
	}
	return newAccountView(now), nil
}

type creditRequest struct {
	IBAN       string `json:"iban"`
	Amount     string `json:"amount"`
	Name       string `json:"name"`
	Remittance string `json:"remittance"`
}

// postCredit books an incoming payment on the business date.
func (b *bank) postCredit(r *http.Request, body creditRequest) (any, error) {
	if n := utf8.RuneCountInString(body.Name); n < 1 || n > 70 {
		return nil, invalid("name has %d characters: want 1 to 70", n)
	}
	if n := utf8.RuneCountInString(body.Remittance); n > 140 || strings.ContainsAny(body.Remittance, "\r\n") {
		return nil, invalid("remittance has %d characters: want at most 140, in one line", n)
	}
	ctx := r.Context()
	var now books.Account
	err := b.books.Do(ctx, func(tx *books.Tx) error {
		a, found, err := tx.Account(ctx, account.IBAN(body.IBAN))
		if err != nil {
			return err
		}
		if !found {
			return notFound("no account %.34q", body.IBAN)
		}
		amount, err := money.Parse(body.Amount, a.Balance.Currency)
		if err != nil || amount.Minor == 0 {
			return invalid("amount %.40q: want a positive decimal number in %s", body.Amount, a.Balance.Currency)
		}
		day, err := businessDate(ctx, tx)
		if err != nil {
			return err
		}
		if err := tx.Post(ctx, books.Entry{
			IBAN: a.IBAN, Day: day, Credit: true, Amount: amount, Counterparty: body.Name, Remittance: body.Remittance, Transactions: 1,
		}); err != nil {
			return err
		}
		now, _, err = tx.Account(ctx, a.IBAN)
		return err
	})
	if err != nil {
		return nil, err
	}
	return newAccountView(now), nil
}

type activateRequest struct {
	Hashes map[string]string `json:"hashes"`
}

// postActivate does what a clerk does with the letter: compares the hashes that
// are given, and lets the user work.
func (b *bank) postActivate(r *http.Request, body activateRequest) (any, error) {
	return b.changeUser(r, func(_ *books.Tx, u *books.User) error {
		if u.State != books.Initialized && u.State != books.Ready {
			return conflict("user %s is in state %s: INI and HIA must both be in", u.User, u.State)
		}
		known, err := hashes(*u)
		if err != nil {
			return err
		}
		for version, text := range body.Hashes {
			digest, ok := known[version]
			if !ok {
				return conflict("user %s has sent no key of version %.4q", u.User, version)
			}
			given := strings.ToLower(strings.Join(strings.Fields(text), ""))
			if subtle.ConstantTimeCompare([]byte(given), []byte(digest)) != 1 {
				return conflict("the hash of the %s key is not that of the letter", version)
			}
		}
		u.State = books.Ready
		return nil
	})
}

// postReset forgets a user's keys, so that INI and HIA can be sent anew.
func (b *bank) postReset(r *http.Request, _ struct{}) (any, error) {
	return b.changeUser(r, func(_ *books.Tx, u *books.User) error {
		*u = books.User{Subscriber: u.Subscriber, Class: u.Class, State: books.New}
		return nil
	})
}

// postRight takes an order type away from a user, or gives it back.
func (b *bank) postRight(r *http.Request, _ struct{}) (any, error) {
	order, err := knownOrderType(r)
	if err != nil {
		return nil, err
	}
	return b.changeUser(r, func(tx *books.Tx, u *books.User) error {
		switch r.PathValue("action") {
		case "withdraw":
			return tx.Withdraw(r.Context(), u.Subscriber, order)
		case "grant":
			return tx.Grant(r.Context(), u.Subscriber, order)
		}
		return notFound("an order type can be withdrawn or granted")
	})
}

// knownOrderType is the order type in the path, if this bank has it.
func knownOrderType(r *http.Request) (ebics.OrderType, error) {
	order := ebics.OrderType(r.PathValue("type"))
	if _, taken := uploads[order]; !taken && !slices.Contains(downloads, order) {
		return "", notFound("this bank has no order type %.10q", order)
	}
	return order, nil
}

type agreementRequest struct {
	Attribute string `json:"attribute"`
}

// postAgreement decides how a partner's orders of a type are released.
func (b *bank) postAgreement(r *http.Request, body agreementRequest) (any, error) {
	order, err := knownOrderType(r)
	if err != nil {
		return nil, err
	}
	if _, taken := uploads[order]; !taken {
		return nil, invalid("order type %s is a download", order)
	}
	if body.Attribute != ebics.AttributeOrder && body.Attribute != ebics.AttributeData {
		return nil, invalid("attribute %.10q: want %s or %s", body.Attribute, ebics.AttributeOrder, ebics.AttributeData)
	}
	ctx, partner := r.Context(), ebics.PartnerID(r.PathValue("partner"))
	var agreed map[ebics.OrderType]string
	err = b.books.Do(ctx, func(tx *books.Tx) error {
		known, err := tx.HasPartner(ctx, partner)
		if err != nil {
			return err
		}
		if !known {
			return notFound("no partner %.35q", partner)
		}
		if err := tx.Agree(ctx, partner, order, body.Attribute); err != nil {
			return err
		}
		agreed, err = agreements(ctx, tx, partner)
		return err
	})
	return agreed, err
}

func (b *bank) changeUser(r *http.Request, change func(*books.Tx, *books.User) error) (any, error) {
	ctx := r.Context()
	who := ebics.Subscriber{Partner: ebics.PartnerID(r.PathValue("partner")), User: ebics.UserID(r.PathValue("user"))}
	var view userView
	err := b.books.Do(ctx, func(tx *books.Tx) error {
		u, found, err := tx.User(ctx, who)
		if err != nil {
			return err
		}
		if !found {
			return &controlError{http.StatusNotFound, ebics.UserUnknown, fmt.Sprintf("no user %.35q of partner %.35q", who.User, who.Partner)}
		}
		if err := change(tx, &u); err != nil {
			return err
		}
		if err := tx.SaveUser(ctx, u); err != nil {
			return err
		}
		view, err = newUserView(ctx, tx, u)
		return err
	})
	return view, err
}

// hashes are the digests of a user's keys in lower-case hexadecimal, by
// version.
func hashes(u books.User) (map[string]string, error) {
	found := map[string]string{}
	for stored := range slices.Values([][]byte{u.Signature, u.Authentication, u.Encryption}) {
		key, err := decodeKey(stored)
		if err != nil {
			return nil, err
		}
		if key != nil {
			digest := key.Digest()
			found[key.Version] = hex.EncodeToString(digest[:])
		}
	}
	return found, nil
}

// bankHashes are the digests of the bank's own keys, as a bank publishes them.
func (b *bank) bankHashes() map[string]string {
	public := b.keys.Public()
	authentication, encryption := public.Authentication.Digest(), public.Encryption.Digest()
	return map[string]string{
		public.Authentication.Version: hex.EncodeToString(authentication[:]),
		public.Encryption.Version:     hex.EncodeToString(encryption[:]),
	}
}

// certificateHashes are the digests of the certificates that the bank's keys come
// in in H005, as a bank publishes them.
func (b *bank) certificateHashes() (map[string]string, error) {
	keys, err := server.Certified(b.host, b.keys)
	if err != nil {
		return nil, err
	}
	published := map[string]string{}
	for _, key := range []ebics.PublicKey{keys.Authentication.Public(), keys.Encryption.Public()} {
		digest, _ := key.CertificateDigest()
		published[key.Version] = hex.EncodeToString(digest[:])
	}
	return published, nil
}

func (b *bank) viewState(ctx context.Context) (any, error) {
	view := stateView{
		HostID: b.host, Bank: bankName, BIC: bankBIC, Open: b.open, Hashes: b.bankHashes(), NoAccountSuffix: NoAccountSuffix,
		Partners: []partnerView{}, Accounts: []accountView{},
	}
	var err error
	if view.Certificates, err = b.certificateHashes(); err != nil {
		return nil, err
	}
	err = b.books.Do(ctx, func(tx *books.Tx) (err error) {
		if view.BusinessDate, err = businessDate(ctx, tx); err != nil {
			return err
		}
		partners, err := tx.Partners(ctx)
		if err != nil {
			return err
		}
		users, err := tx.Users(ctx)
		if err != nil {
			return err
		}
		for _, id := range partners {
			p := partnerView{PartnerID: id, Users: []userView{}}
			if p.Attributes, err = agreements(ctx, tx, id); err != nil {
				return err
			}
			for _, u := range users {
				if u.Partner != id {
					continue
				}
				shown, err := newUserView(ctx, tx, u)
				if err != nil {
					return err
				}
				p.Users = append(p.Users, shown)
			}
			view.Partners = append(view.Partners, p)
		}
		accounts, err := tx.Accounts(ctx)
		for _, a := range accounts {
			view.Accounts = append(view.Accounts, newAccountView(a))
		}
		return err
	})
	return view, err
}
