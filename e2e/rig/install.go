package rig

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"kontor/account"
)

// BankHandle is the short name under which an installation's hub knows its bank.
const BankHandle = "bank"

// Plan says what Ceremony sets up. The zero value is one tenant with one account on SQLite.
type Plan struct {
	Tags      []string     // build tags of the binary
	Database  string       // postgres:// URL of an empty database; "" = SQLite in the data folder
	Protocol  string       // version of EBICS: H003, H004, H005; "" = what the hub speaks unasked, H004
	PlainHTTP bool         // of the bank: its messages can be read by a recorder in between
	Tenants   []TenantPlan // nil = one tenant "acme" with one account
	Settings  map[string]string
	// Via is asked, after the bank has started, under which address (and with which CA file, "" for the system's or plain HTTP) the hub
	// reaches the bank: for a proxy in between. nil = directly.
	Via func(b BankReady) (url, ca string)
}

// TenantPlan is one tenant. Its accounts are taken from the bank's sample accounts, in turn, and invented when those are used up.
type TenantPlan struct {
	Handle   string
	Name     string // "" = the handle
	Accounts int
}

// Installation is a hub and its bank after the key ceremony.
type Installation struct {
	Operator
	Hub     *Hub
	Bank    *Bank
	Contact string // of the operator, shared by all tenants
	Partner string // EBICS partner of the contact: the service bureau
	User    string // EBICS user of the contact, class T
	Tenants []Tenant

	plan  Plan
	nodes []*Hub // with the first; nil while there is only one
}

// Tenant is one tenant with an API key of all scopes.
type Tenant struct {
	ID       string
	Handle   string
	Key      string
	Accounts []Account
}

// Account is a tenant's account and who may sign for it at the bank.
type Account struct {
	IBAN     string
	Currency string
	Owner    string
	Holder   string   // EBICS partner
	A, B, E  []string // users of the holder, by class: A and B sign together, E alone
}

// Ceremony starts bank and hub in fresh folders, makes tenants, accounts and keys, takes the operator's contact through the key ceremony
// of EBICS, and waits until the hub has asked the bank for everything once. When it returns, both are stopped: Start runs them, CopyTo
// copies them.
func Ceremony(t testing.TB, plan Plan) *Installation {
	t.Helper()
	if plan.Tenants == nil {
		plan.Tenants = []TenantPlan{{Handle: "acme", Name: "Acme GmbH", Accounts: 1}}
	}
	i := newInstallation(t, Folder(t), plan)
	i.Bank.Start(t)
	i.meetBank(t)
	i.bringTenants(t)
	i.Hub.Start(t)
	Until(t, "the first polls", func() (bool, error) { return i.polledOnce(t), nil })
	i.Hub.Stop(t)
	i.Bank.Stop(t)
	return i
}

// newInstallation plans an installation in a folder: hub/ and bank/ below it, their logs beside them.
func newInstallation(t testing.TB, folder string, plan Plan) *Installation {
	t.Helper()
	binary := Binary(t, plan.Tags...)
	hubData, bankData := filepath.Join(folder, "hub"), filepath.Join(folder, "bank")
	i := &Installation{
		Operator: Operator{Binary: binary, Data: hubData, Database: plan.Database},
		Hub:      NewHub(t, binary, hubData, plan.Database), Bank: NewBank(t, binary, bankData), plan: plan,
	}
	i.Bank.PlainHTTP = plan.PlainHTTP
	for name, value := range plan.Settings {
		i.Hub.Settings[name] = value
	}
	return i
}

// Start starts the bank and the hub.
func (i *Installation) Start(t testing.TB) {
	t.Helper()
	i.Bank.Start(t)
	i.Hub.Start(t)
}

// Stop ends the hub and the bank in order.
func (i *Installation) Stop(t testing.TB) {
	t.Helper()
	i.Hub.Stop(t)
	i.Bank.Stop(t)
}

// CopyTo copies a stopped installation into an empty folder, as an installation of its own with addresses of its own, and its database
// if that is on a server. The original may be copied by several goroutines at the same time.
func (i *Installation) CopyTo(t testing.TB, folder string) *Installation {
	t.Helper()
	plan := i.plan
	if plan.Database != "" {
		plan.Database = copyDatabase(t, plan.Database)
	}
	c := newInstallation(t, folder, plan)
	for from, to := range map[string]string{i.Hub.Data: c.Hub.Data, i.Bank.Data: c.Bank.Data} {
		if err := os.CopyFS(to, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
		if err := OnlyForOwner(to); err != nil {
			t.Fatal(err)
		}
	}
	c.Contact, c.Partner, c.User, c.Tenants = i.Contact, i.Partner, i.User, i.Tenants
	// The copy of the bank keeps its authority, so what its ready line will say is known already.
	if err := c.Bank.foresee(i.Bank); err != nil {
		t.Fatal(err)
	}
	url, ca := c.address()
	c.MoveBank(t, url, ca)
	return c
}

// OnlyForOwner takes the modes back that os.CopyFS gives to group and others: the hub refuses keys that others may read.
func OnlyForOwner(folder string) (err error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	return fs.WalkDir(root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		return root.Chmod(path, info.Mode().Perm()&0o700)
	})
}

// address is where the hub reaches the bank.
func (i *Installation) address() (url, ca string) {
	if i.plan.Via != nil {
		return i.plan.Via(i.Bank.Ready())
	}
	return i.Bank.Ready().URL, i.Bank.Ready().CA
}

// MoveBank has the hub reach its bank under another address; ca is a file, "" with plain HTTP.
func (i *Installation) MoveBank(t testing.TB, url, ca string) {
	t.Helper()
	i.Admin(t, nil, append([]string{"bank", "move", BankHandle, "--url", url}, caFlag(ca)...)...)
}

func caFlag(ca string) []string {
	if ca == "" {
		return nil
	}
	return []string{"--ca", ca}
}

// meetBank adds bank and contact and exchanges keys with the bank.
func (i *Installation) meetBank(t testing.TB) {
	t.Helper()
	state := i.Bank.State(t)
	for _, p := range state.Partners {
		if users := state.users(p.PartnerID, "T"); len(users) > 0 {
			i.Partner, i.User = p.PartnerID, users[0]
		}
	}
	url, ca := i.address()
	add := append([]string{"bank", "add", BankHandle, "--name", "Bank", "--url", url, "--host-id", i.Bank.HostID}, caFlag(ca)...)
	published := state.Hashes
	if i.plan.Protocol != "" {
		add = append(add, "--protocol", i.plan.Protocol)
	}
	if i.plan.Protocol == "H005" {
		published = state.Certificates
	}
	i.Admin(t, nil, add...)
	var contact struct {
		ID    string `json:"id"`
		State string `json:"state"`
	}
	i.Admin(t, &contact, "contact", "add", "--bank", BankHandle, "--partner", i.Partner, "--user", i.User)
	i.Contact = contact.ID
	i.Admin(t, nil, "contact", "init", i.Contact)
	var letter struct {
		Hashes map[string]string `json:"hashes"`
	}
	i.Admin(t, &letter, "contact", "letter", i.Contact)
	i.Bank.Activate(t, i.Partner, i.User, letter.Hashes)
	i.Admin(t, nil, "contact", "fetch-keys", i.Contact)
	// What the bank publishes, not what was fetched: the comparison is the point of the ceremony.
	i.Admin(t, &contact, "contact", "confirm", i.Contact,
		"--authentication-hash", published["X002"], "--encryption-hash", published["E002"])
	if contact.State != "ready" {
		t.Fatalf("after the ceremony the contact is %s", contact.State)
	}
}

func (i *Installation) bringTenants(t testing.TB) {
	t.Helper()
	state := i.Bank.State(t)
	next := 0
	for _, p := range i.plan.Tenants {
		if p.Name == "" {
			p.Name = p.Handle
		}
		var made struct {
			ID     string `json:"id"`
			Secret string `json:"secret"`
		}
		i.Admin(t, &made, "tenant", "add", p.Handle, "--name", p.Name)
		tenant := Tenant{ID: made.ID, Handle: p.Handle}
		i.Admin(t, &made, "key", "add", "--tenant", p.Handle, "--name", "ERP")
		tenant.Key = made.Secret
		for range p.Accounts {
			a := i.account(t, state, next)
			next++
			i.Admin(t, nil, "account", "add", "--tenant", p.Handle, "--contact", i.Contact, "--iban", a.IBAN, "--currency", a.Currency,
				"--holder", a.Owner)
			tenant.Accounts = append(tenant.Accounts, a)
		}
		i.Tenants = append(i.Tenants, tenant)
	}
}

// account returns the bank's n-th sample account, or opens an invented one.
func (i *Installation) account(t testing.TB, state BankState, n int) Account {
	t.Helper()
	found := state.Accounts[n%len(state.Accounts)]
	a := Account{
		IBAN: found.IBAN, Currency: found.Currency, Owner: found.Owner, Holder: found.HolderPartner,
		A: state.users(found.HolderPartner, "A"), B: state.users(found.HolderPartner, "B"), E: state.users(found.HolderPartner, "E"),
	}
	if n >= len(state.Accounts) {
		a.IBAN = InventIBAN(uint64(n) + 1_000_000)
		i.Bank.OpenAccount(t, NewAccount{
			IBAN: a.IBAN, Currency: a.Currency, Owner: a.Owner, HolderPartner: a.Holder, BureauPartner: i.Partner, OpeningBalance: "100000.00",
		})
	}
	return a
}

// InventIBAN makes an account number of the sandbox bank that nobody has, with correct check digits.
func InventIBAN(number uint64) string {
	for ; ; number++ {
		bban := fmt.Sprintf("99900010%010d", number%10_000_000_000)
		if iban := "DE" + account.CheckDigits("DE", bban) + bban; iban[len(iban)-5:] != "00404" { // those do not exist at that bank
			return iban
		}
	}
}

// polledOnce says whether the hub has asked the bank for everything at least once.
func (i *Installation) polledOnce(t testing.TB) bool {
	var found struct {
		Polls []struct {
			Last string `json:"last"`
		} `json:"polls"`
	}
	i.Admin(t, &found, "poll", "list", "--contact", i.Contact)
	for _, p := range found.Polls {
		if p.Last == "" {
			return false
		}
	}
	return len(found.Polls) > 0
}

// PollNow has the hub ask its bank at once: for one order type, or with "" for all.
func (i *Installation) PollNow(t testing.TB, orderType string) {
	t.Helper()
	args := []string{"poll", "now", "--contact", i.Contact}
	if orderType != "" {
		args = append(args, "--order-type", orderType)
	}
	i.Admin(t, nil, args...)
}
