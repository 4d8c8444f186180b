package rig

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"
)

// BankState is what the bank tells about itself.
type BankState struct {
	HostID       string            `json:"hostId"`
	BusinessDate string            `json:"businessDate"`
	Hashes       map[string]string `json:"hashes"`            // of the bank's keys, by version
	Certificates map[string]string `json:"certificateHashes"` // of the certificates that they come in in H005
	Partners     []struct {
		PartnerID string `json:"partnerId"`
		Users     []struct {
			UserID string `json:"userId"`
			Class  string `json:"class"`
			State  string `json:"state"`
		} `json:"users"`
	} `json:"partners"`
	Accounts []struct {
		IBAN           string   `json:"iban"`
		Currency       string   `json:"currency"`
		Owner          string   `json:"owner"`
		HolderPartner  string   `json:"holderPartner"`
		BureauPartners []string `json:"bureauPartners"`
		Balance        string   `json:"balance"`
	} `json:"accounts"`
	NoAccountSuffix string `json:"noAccountSuffix"`
}

// users returns the ids of a partner's users of a class.
func (s BankState) users(partner, class string) []string {
	var out []string
	for _, p := range s.Partners {
		for _, u := range p.Users {
			if p.PartnerID == partner && u.Class == class {
				out = append(out, u.UserID)
			}
		}
	}
	return out
}

// BankOrder is an order that reached the bank whole.
type BankOrder struct {
	PartnerID     string `json:"partnerId"`
	OrderID       string `json:"orderId"`
	OrderType     string `json:"orderType"`
	UserID        string `json:"userId"`
	TransactionID string `json:"transactionId"`
	State         string `json:"state"`
	Reason        string `json:"reason"`
	MessageID     string `json:"messageId"`
	Payments      int    `json:"payments"`
	Total         string `json:"total"`
	DataSHA256    string `json:"dataSha256"`
	Complete      bool   `json:"complete"`
	Signatures    []struct {
		PartnerID string `json:"partnerId"`
		UserID    string `json:"userId"`
		Class     string `json:"class"`
	} `json:"signatures"`
}

// BankTransaction is one line of the bank's log of all EBICS transactions, finished or not.
type BankTransaction struct {
	TransactionID     string    `json:"transactionId"`
	Time              time.Time `json:"time"`
	Ended             time.Time `json:"ended"` // zero while it is open
	PartnerID         string    `json:"partnerId"`
	UserID            string    `json:"userId"`
	OrderType         string    `json:"orderType"`
	OrderID           string    `json:"orderId"`
	Phase             string    `json:"phase"`
	SegmentsReceived  int       `json:"segmentsReceived"`
	SegmentsAnnounced int       `json:"segmentsAnnounced"`
	State             string    `json:"state"`
	Finished          bool      `json:"finished"`
	ReturnCode        string    `json:"returnCode"`
	Reason            string    `json:"reason"`
	DataSHA256        string    `json:"dataSha256"`
	MessageID         string    `json:"messageId"`
	Payments          int       `json:"payments"`
}

// BankFile is one file that the bank offers or has offered.
type BankFile struct {
	PartnerID string `json:"partnerId"`
	OrderType string `json:"orderType"`
	Name      string `json:"name"`
	Day       string `json:"day"`
	Offered   bool   `json:"offered"`
	Fetched   bool   `json:"fetched"`
}

// NewAccount asks the bank to open an account.
type NewAccount struct {
	IBAN           string `json:"iban"`
	Currency       string `json:"currency"`
	Owner          string `json:"owner"`
	HolderPartner  string `json:"holderPartner"`
	BureauPartner  string `json:"bureauPartner"`
	OpeningBalance string `json:"openingBalance"`
}

// ask is Control for tests in which the bank must answer.
func ask[T any](t testing.TB, b *Bank, path string, body any) T {
	t.Helper()
	var out T
	if err := b.Control(t.Context(), path, body, &out); err != nil {
		t.Fatalf("bank, %s: %v", path, err)
	}
	return out
}

// State asks for customers, accounts and the business date.
func (b *Bank) State(t testing.TB) BankState {
	t.Helper()
	return ask[BankState](t, b, "state", nil)
}

// Orders lists all orders that ever reached the bank.
func (b *Bank) Orders(t testing.TB) []BankOrder {
	t.Helper()
	return ask[[]BankOrder](t, b, "orders", nil)
}

// Log lists all EBICS transactions.
func (b *Bank) Log(t testing.TB) []BankTransaction {
	t.Helper()
	return ask[[]BankTransaction](t, b, "log", nil)
}

// Files lists what the bank offers or has offered.
func (b *Bank) Files(t testing.TB) []BankFile {
	t.Helper()
	return ask[[]BankFile](t, b, "files", nil)
}

// OpenAccount opens an account.
func (b *Bank) OpenAccount(t testing.TB, a NewAccount) {
	t.Helper()
	if err := b.Control(t.Context(), "accounts", a, nil); err != nil {
		t.Fatal(err)
	}
}

// AddPartner adds a customer whose users are given by class.
func (b *Bank) AddPartner(t testing.TB, partner string, classByUser map[string]string) {
	t.Helper()
	users := []map[string]string{}
	for user, class := range classByUser {
		users = append(users, map[string]string{"userId": user, "class": class})
	}
	if err := b.Control(t.Context(), "partners", map[string]any{"partnerId": partner, "users": users}, nil); err != nil {
		t.Fatal(err)
	}
}

// Credit books an incoming payment.
func (b *Bank) Credit(t testing.TB, iban, amount, name, remittance string) {
	t.Helper()
	body := map[string]string{"iban": iban, "amount": amount, "name": name, "remittance": remittance}
	if err := b.Control(t.Context(), "credits", body, nil); err != nil {
		t.Fatal(err)
	}
}

// Activate is the clerk who has the letter in hand; without hashes they are not compared.
func (b *Bank) Activate(t testing.TB, partner, user string, hashes map[string]string) {
	t.Helper()
	if err := b.Control(t.Context(), "users/"+partner+"/"+user+"/activate", map[string]any{"hashes": hashes}, nil); err != nil {
		t.Fatal(err)
	}
}

// Decide has a user release, reject or cancel a waiting order. A refusal is a *BankRefusal.
func (b *Bank) Decide(ctx context.Context, orderPartner, orderID, action, byPartner, byUser string) (BankOrder, error) {
	var order BankOrder
	err := b.Control(ctx, "orders/"+orderPartner+"/"+orderID+"/"+action, map[string]string{"partnerId": byPartner, "userId": byUser}, &order)
	return order, err
}

// AdvanceE ends the bank's day if it still is the given one; so it may be repeated when the answer was lost.
func (b *Bank) AdvanceE(ctx context.Context, day string) error {
	var state BankState
	if err := b.Control(ctx, "state", nil, &state); err != nil {
		return err
	}
	if state.BusinessDate != day {
		return nil
	}
	return b.Control(ctx, "advance", map[string]int{"days": 1}, nil)
}

// Advance ends the bank's day: it writes the day's statements.
func (b *Bank) Advance(t testing.TB) {
	t.Helper()
	if err := b.AdvanceE(t.Context(), b.State(t).BusinessDate); err != nil {
		t.Fatal(err)
	}
}

// ReleaseE has the users sign a waiting order, each once; signatures that are there already are left out, so it may be repeated when an
// answer was lost. by names users of the account's holder.
func (b *Bank) ReleaseE(ctx context.Context, orderPartner, orderID, holder string, by ...string) error {
	for _, user := range by {
		var orders []BankOrder
		if err := b.Control(ctx, "orders", nil, &orders); err != nil {
			return err
		}
		i := slices.IndexFunc(orders, func(o BankOrder) bool { return o.PartnerID == orderPartner && o.OrderID == orderID })
		if i < 0 {
			return errors.New("the bank has no order " + orderID)
		}
		for _, s := range orders[i].Signatures {
			if s.UserID == user && s.PartnerID == holder {
				user = ""
			}
		}
		if user == "" {
			continue
		}
		if _, err := b.Decide(ctx, orderPartner, orderID, "release", holder, user); err != nil {
			return err
		}
	}
	return nil
}
