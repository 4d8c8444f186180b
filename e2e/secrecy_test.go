package e2e_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"kontor/e2e/rig"
	"kontor/e2e/witness"
	"kontor/internal/app"
	"kontor/internal/config"
	"kontor/internal/hub"
	"kontor/internal/pgtest"
	"kontor/internal/vault"
	"kontor/iso20022/pain"
)

// What a tenant entrusts to the hub is nowhere in clear: not in the database, its journals, the spool, temporary files, logs, metrics, jobs
// or their errors, neither while it is worked on nor after. And when the tenant's certificate key is destroyed, a backup from before it is
// as dead as the database, root key or not, while the neighbour's half of it lives.
func TestSecrecy(t *testing.T) {
	t.Run("on SQLite", func(t *testing.T) { t.Parallel(); secrecy(t, "") })
	t.Run("on PostgreSQL", func(t *testing.T) { t.Parallel(); secrecy(t, pgtest.Database(t)) })
}

// covert is an installation in which one tenant's data are canaries.
type covert struct {
	*rig.Installation
	t           *testing.T
	tmp         string
	mine, other rig.Tenant
	erp         *rig.Client
	search      *witness.Search
	canaries    []witness.Canary
	finals      []string // rIds of the canary tenant that reached their end
	otherRID    string
	copies      int // of the database
}

func secrecy(t *testing.T, database string) {
	c := newCovert(t, database)
	c.live()
	c.provesItCanFind()
	c.quiet("at rest")
	c.destroyed()
}

func newCovert(t *testing.T, database string) *covert {
	t.Helper()
	in := rig.Ceremony(t, rig.Plan{
		Database: database, Settings: severalSegments,
		Tenants: []rig.TenantPlan{{Handle: "alpha", Name: "Kanarienzucht Vogelsang", Accounts: 1}, {Handle: "beta", Name: "Beta AG", Accounts: 1}},
	})
	c := &covert{Installation: in, t: t, tmp: rig.Folder(t), mine: in.Tenants[0], other: in.Tenants[1]}
	in.Hub.Env = []string{"TMPDIR=" + c.tmp}
	c.erp = in.Hub.Client(c.mine.Key)
	return c
}

// creditorIBAN is invented and belongs to nobody.
var creditorIBAN = rig.InventIBAN(123_409_876)

// plan is a payment file full of canaries.
func (c *covert) plan(messageID string) rig.PaymentPlan {
	account := c.mine.Accounts[0]
	account.Owner = "Zaunkoenig Schuldner KG"
	return rig.PaymentPlan{
		MessageID: messageID, Account: account, Payments: 60, Padding: 90, Creditor: "Nachtigall Zilpzalp", IBAN: creditorIBAN,
		Reference: "Zwitscherlohn November",
	}
}

// seen adds canaries.
func (c *covert) watch(canaries ...witness.Canary) {
	c.canaries = append(c.canaries, canaries...)
	c.search = witness.NewSearch(c.canaries...)
}

// live plays everything that could leave a trace: the main job with a bank that is down at first, and every kind of refusal.
func (c *covert) live() {
	t, ctx := c.t, c.t.Context()
	good := rig.PaymentFile(t, c.plan("CANARYMSG-1"))
	root, err := os.ReadFile(filepath.Join(c.Data, "keys", "root.key"))
	if err != nil {
		t.Fatal(err)
	}
	var endToEnd string
	_, _, err = pain.Read(bytes.NewReader(good), pain.Options{}, pain.Visitor{Payment: func(p *pain.Payment) error { endToEnd = p.EndToEndID; return nil }})
	if err != nil {
		t.Fatal(err)
	}
	c.watch(
		witness.Canary{Name: "tenant's name", Text: "Kanarienzucht Vogelsang"}, witness.Canary{Name: "debtor IBAN", Text: c.mine.Accounts[0].IBAN},
		witness.Canary{Name: "account holder", Text: c.mine.Accounts[0].Owner}, witness.Canary{Name: "debtor", Text: "Zaunkoenig Schuldner KG"},
		witness.Canary{Name: "creditor", Text: "Nachtigall Zilpzalp"}, witness.Canary{Name: "creditor IBAN", Text: creditorIBAN},
		witness.Canary{Name: "message id", Text: "CANARYMSG"}, witness.Canary{Name: "end-to-end id", Text: endToEnd},
		witness.Canary{Name: "remittance information", Text: "Zwitscherlohn November"}, witness.Canary{Name: "file name", Text: "gehaelter-zaunkoenig"},
		witness.Canary{Name: "API key", Text: c.mine.Key}, witness.Canary{Name: "root key", Text: strings.TrimSpace(string(root))},
		witness.Canary{Name: "EBICS user", Text: c.User},
	)
	c.Start(t)
	if got, err := c.erp.Login(ctx); err != nil || got.Status != http.StatusOK {
		t.Fatalf("login: HTTP %d %v", got.Status, err)
	}
	c.watch(witness.Canary{Name: "access token", Text: c.erp.Token()})
	c.refusals(good)
	c.Bank.Stop(t)
	p, err := c.erp.Submit(ctx, good, "gehaelter-zaunkoenig.xml")
	if err != nil || p.Item.Status != "KON_ACCEPTED_AND_QUEUED" {
		t.Fatalf("submitted: %+v %v", p, err)
	}
	rig.Until(t, "an attempt in vain", func() (bool, error) {
		return slices.ContainsFunc(c.Events(t, "alpha", p.RID), func(e rig.Event) bool { return e.Name == "requeue" }), nil
	})
	c.quiet("while the bank is down")
	c.Bank.Start(t)
	p = await(t, c.erp, p.RID, "FIN_VEU_FORWARDED")
	c.quiet("while it waits at the bank")
	// A kill leaves the write-ahead log and whatever else an orderly stop would clear away.
	c.Hub.Kill()
	c.quiet("after a kill")
	c.Hub.Start(t)
	holder := c.mine.Accounts[0]
	if err := c.Bank.ReleaseE(ctx, c.Partner, p.Item.OrderID, holder.Holder, holder.A[0], holder.B[0]); err != nil {
		t.Fatal(err)
	}
	await(t, c.erp, p.RID, "FIN_CONFIRMED")
	c.finals = append(c.finals, p.RID)
	c.otherRID = c.neighbour()
	c.Bank.Credit(t, holder.IBAN, "12.34", "Rotkehlchen Einzahlung", "Zwitscherlohn November zurueck")
	c.Bank.Advance(t)
	c.PollNow(t, "C53")
	document := awaitDocuments(t, c.erp, 1)[0]
	c.watch(witness.Canary{Name: "payer", Text: "Rotkehlchen Einzahlung"}, witness.Canary{Name: "statement's file name", Text: document.FileName})
	content, err := c.erp.DocumentFile(ctx, document.RID)
	if err != nil || !strings.Contains(string(content), "Rotkehlchen") || !strings.Contains(document.FileName, holder.IBAN) {
		t.Fatalf("the statement %s does not tell what it should (%v)", document.FileName, err)
	}
	if _, err := c.erp.Acknowledge(ctx, document.RID); err != nil {
		t.Fatal(err)
	}
	awaitDocuments(t, c.Hub.Client(c.other.Key), 1)
	c.quarantined()
	c.quiet("when all is done")
	c.Stop(t)
}

// refusals makes the hub refuse things that are full of canaries, on every way on which a refusal could leave a trace.
func (c *covert) refusals(good []byte) {
	t, ctx := c.t, c.t.Context()
	foreign := c.plan("CANARYMSG-2")
	foreign.Account.IBAN = c.other.Accounts[0].IBAN
	p, err := c.erp.Submit(ctx, rig.PaymentFile(t, foreign), "gehaelter-zaunkoenig-2.xml")
	if err != nil || p.Item.Status != "KON_REJECTED" {
		t.Fatalf("a file with another's account: %+v %v", p, err)
	}
	broken := bytes.Replace(good, []byte("</CdtrAcct>"), []byte("</Zwitscherlohn November>"), 1)
	doctype := bytes.Replace(good, []byte("<Document"), []byte(`<!DOCTYPE CANARYMSG><Document`), 1)
	wrongIBAN := bytes.Replace(good, []byte(creditorIBAN), []byte("DE00"+creditorIBAN[4:]), 1)
	name := http.Header{"Content-Type": {"application/xml"}, "Content-Disposition": {`attachment; filename="gehaelter-zaunkoenig-3.xml"`}}
	for _, r := range []struct {
		method, path string
		body         []byte
		status       int
	}{
		{http.MethodPost, rig.PathPayment, broken, http.StatusBadRequest},
		{http.MethodPost, rig.PathPayment, doctype, http.StatusBadRequest},
		{http.MethodPost, rig.PathPayment, good[:len(good)-20], http.StatusBadRequest},
		{http.MethodPost, rig.PathPayment, wrongIBAN, http.StatusCreated}, // KON_REJECTED with the IBAN in its findings
		{http.MethodGet, rig.PathDocuments + "?iban=" + creditorIBAN, nil, http.StatusBadRequest},
		{http.MethodGet, rig.PathDocuments + "/CANARYMSG-1/Item", nil, http.StatusBadRequest},
		{http.MethodGet, "/api/v4/CANARYMSG-1?iban=" + creditorIBAN, nil, http.StatusNotFound},
		{http.MethodDelete, rig.PathPayment + "/CANARYMSG-1/Item", nil, http.StatusMethodNotAllowed},
	} {
		got, err := c.erp.Do(ctx, r.method, r.path, name, r.body)
		if err != nil || got.Status != r.status {
			t.Fatalf("%s %s: HTTP %d %v, want %d", r.method, r.path, got.Status, err, r.status)
		}
	}
	if got, err := c.Hub.Client("CANARYMSG" + c.mine.Key[9:]).Login(ctx); err != nil || got.Status != http.StatusUnauthorized {
		t.Fatalf("login with a wrong key: HTTP %d %v", got.Status, err)
	}
}

// neighbour has the other tenant send a file, whose life must go on later.
func (c *covert) neighbour() string {
	t := c.t
	account := c.other.Accounts[0]
	erp := c.Hub.Client(c.other.Key)
	p, err := erp.Submit(t.Context(), rig.PaymentFile(t, rig.PaymentPlan{MessageID: "NEIGHBOUR-1", Account: account}), "")
	if err != nil {
		t.Fatal(err)
	}
	p = await(t, erp, p.RID, "FIN_VEU_FORWARDED")
	if err := c.Bank.ReleaseE(t.Context(), c.Partner, p.Item.OrderID, account.Holder, account.A[0], account.B[0]); err != nil {
		t.Fatal(err)
	}
	await(t, erp, p.RID, "FIN_CONFIRMED")
	return p.RID
}

// quarantined adds what waits for the operator to the canaries: statements of accounts that nobody knows.
func (c *covert) quarantined() {
	rig.Until(c.t, "the quarantine", func() (bool, error) { return len(c.Quarantine(c.t)) > 0, nil })
	for _, q := range c.Quarantine(c.t) {
		c.watch(witness.Canary{Name: "unknown IBAN", Text: q.Detail.IBAN}, witness.Canary{Name: "unknown file name", Text: q.Detail.FileName})
	}
}

// places reads every place where a trace could be.
func (c *covert) places() map[string][]byte {
	t := c.t
	t.Helper()
	found := map[string][]byte{}
	for _, folder := range []string{c.Data, c.tmp} {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() || path == filepath.Join(c.Data, "keys", "root.key") {
				return err
			}
			content, err := os.ReadFile(path)
			found["file "+path] = content
			if errors.Is(err, fs.ErrNotExist) {
				return nil // a journal that was just cleared away
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	log, err := os.ReadFile(c.Hub.LogPath())
	if err != nil {
		t.Fatal(err)
	}
	found["log"] = log
	if c.Hub.Running() {
		found["metrics"] = c.metrics()
	}
	for _, cell := range c.cells(c.Database) {
		found[fmt.Sprintf("table %s, column %s, row %d", cell.Table, cell.Column, cell.Row)] = cell.Value
	}
	return found
}

func (c *covert) metrics() []byte {
	t := c.t
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, metricsURL(c.Hub.Ready().Metrics), nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 16<<20))
	if err != nil || !bytes.Contains(body, []byte("kontor_http_request_duration_seconds_count")) {
		t.Fatalf("metrics: %v, %d bytes", err, len(body))
	}
	return body
}

func metricsURL(ready string) string {
	if strings.HasSuffix(ready, "/metrics") {
		return ready
	}
	return strings.TrimSuffix(ready, "/") + "/metrics"
}

// cells reads a database of this installation; "" is the SQLite file in the data folder.
func (c *covert) cells(database string) []witness.Cell {
	t := c.t
	t.Helper()
	read := witness.PostgresCells
	if !strings.HasPrefix(database, "postgres") {
		read = witness.SQLiteCells
		if database == "" {
			database = filepath.Join(c.Data, "kontor.db")
		}
	}
	cells, err := read(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	return cells
}

// quiet searches everywhere.
func (c *covert) quiet(when string) {
	t := c.t
	t.Helper()
	places, bytes := c.places(), 0
	for where, content := range places {
		bytes += len(content)
		for _, what := range c.search.Find(content) {
			t.Errorf("%s: the %s is in %s", when, what, where)
		}
	}
	t.Logf("%s: %d canaries searched in %d places, %d bytes", when, len(c.canaries), len(places), bytes)
}

// provesItCanFind plants a canary where the search looks, in the ways in which real ones would be there.
func (c *covert) provesItCanFind() {
	t := c.t
	t.Helper()
	rows := witness.Rows(c.cells(c.Database))
	for _, table := range []string{"river_job", "payment_file", "payment_page", "chunk", "document", "event", "audit", "quarantine", "sending", "download"} {
		if len(rows[table]) == 0 {
			t.Errorf("the search sees no row of table %s", table)
		}
	}
	if !slices.ContainsFunc(rows["river_job"], func(r witness.Row) bool { return len(r["errors"]) > 10 }) {
		t.Error("no job has failed, so the search in jobs' errors proves nothing")
	}
	secret := "a spool with " + c.mine.Accounts[0].IBAN
	plant := filepath.Join(c.tmp, "planted")
	if err := os.WriteFile(plant, pack(t, []byte(secret)), 0o600); err != nil {
		t.Fatal(err)
	}
	found := false
	for where, content := range c.places() {
		found = found || strings.HasSuffix(where, "planted") && len(c.search.Find(content)) > 0
	}
	if !found {
		t.Error("the search does not find a planted canary in a file")
	}
	if err := os.Remove(plant); err != nil {
		t.Fatal(err)
	}
	found = false
	for _, cell := range c.cells(c.planted([]byte(secret))) {
		found = found || len(c.search.Find(cell.Value)) > 0
	}
	if !found {
		t.Error("the search does not find a planted canary in a table")
	}
	if !bytes.Contains(c.places()["log"], []byte(`"msg":"job failed"`)) {
		t.Error("no failure was logged, so the search in the log proves little")
	}
}

// planted returns a copy of the database in which a row holds a secret.
func (c *covert) planted(secret []byte) string {
	t, ctx := c.t, c.t.Context()
	t.Helper()
	name := c.backup()
	const statement = `INSERT INTO protocol_event (contact_id, digest, created) VALUES ('planted', $1, 0)`
	if c.Database == "" {
		db, err := sql.Open("sqlite", name)
		if err != nil {
			t.Fatal(err)
		}
		_, err = db.ExecContext(ctx, statement, secret)
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
		return name
	}
	conn, err := pgx.Connect(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	_, err = conn.Exec(ctx, statement, secret)
	if err := errors.Join(err, conn.Close(ctx)); err != nil {
		t.Fatal(err)
	}
	return name
}

// backup copies the database of the stopped installation and returns the name to open it by.
func (c *covert) backup() string {
	t := c.t
	t.Helper()
	if c.Database == "" {
		folder := rig.Folder(t)
		for _, name := range []string{"kontor.db", "kontor.db-wal"} {
			content, err := os.ReadFile(filepath.Join(c.Data, name))
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return filepath.Join(folder, "kontor.db")
	}
	config, err := pgx.ParseConfig(c.Database)
	if err != nil {
		t.Fatal(err)
	}
	c.copies++
	name := fmt.Sprintf("%s_copy%d", config.Database, c.copies)
	maintain := func(ctx context.Context, statement string) {
		server := config.Copy()
		server.Database = "postgres"
		conn, err := pgx.ConnectConfig(ctx, server)
		if err != nil {
			t.Fatal(err)
		}
		_, err = conn.Exec(ctx, statement)
		if err := errors.Join(err, conn.Close(ctx)); err != nil {
			t.Fatal(err)
		}
	}
	maintain(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+config.Database)
	t.Cleanup(func() { maintain(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)") })
	return strings.Replace(c.Database, config.Database, name, 1)
}

// destroyed destroys the canary tenant's key and tries everything on a backup from before.
func (c *covert) destroyed() {
	t, ctx := c.t, c.t.Context()
	backup := c.backup()
	before := rig.Operator{Binary: c.Binary, Data: c.Data, Database: backup}
	if n := len(before.Events(t, "alpha", c.finals[0])); n == 0 { // the backup is good while the key exists
		t.Fatal("the backup shows no events")
	}
	rows := witness.Rows(c.cells(backup))
	opened, tried := c.openEverything(rows)
	if opened["alpha"] == 0 || opened["beta"] == 0 || tried == 0 {
		t.Fatalf("with all keys in place only %v of %d rows open", opened, tried)
	}
	if err := c.RunE(ctx, nil, "admin", "tenant", "destroy-key", "alpha"); err == nil {
		t.Error("a key can be destroyed without --yes")
	}
	c.Admin(t, nil, "tenant", "destroy-key", "alpha", "--yes")

	after, tried := c.openEverything(rows)
	if after["alpha"] != 0 || after["beta"] != opened["beta"] {
		t.Errorf("after the key was destroyed these of %d rows of the backup open: %v, before %v", tried, after, opened)
	}
	t.Logf("%d rows; with all keys open %v, after the destruction %v", tried, opened, after)
	c.operatorsShare(backup)
	for name, o := range map[string]rig.Operator{"the backup": before, "the installation": c.Operator} {
		for _, args := range [][]string{
			{"key", "list", "--tenant", "alpha"}, {"file", "events", "--tenant", "alpha", c.finals[0]},
			{"file", "evidence", "--tenant", "alpha", c.finals[0]}, {"key", "add", "--tenant", "alpha", "--name", "late"},
		} {
			err := o.RunE(ctx, nil, append([]string{"admin"}, args...)...)
			if err == nil || !strings.Contains(err.Error(), "destroyed") && !strings.Contains(err.Error(), "no such") {
				t.Errorf("on %s, kontor admin %v: %v", name, args, err)
			}
		}
		c.others(name, o)
	}
	if err := before.RunE(ctx, nil, "admin", "account", "list", "--tenant", "alpha"); err == nil {
		t.Error("the backup shows the destroyed tenant's accounts")
	}
	var left struct{ Accounts []struct{ IBAN string } }
	c.Admin(t, &left, "account", "list", "--tenant", "alpha")
	if len(left.Accounts) != 0 {
		t.Errorf("the installation shows the destroyed tenant's accounts: %+v", left)
	}
	c.serves(backup)
	c.goesOn()
}

// others checks that a database still serves the other tenant and still proves its audit chains, the destroyed tenant's among them.
func (c *covert) others(name string, o rig.Operator) {
	t := c.t
	t.Helper()
	var tenants struct {
		Tenants []struct {
			Handle, Name, State string
		} `json:"tenants"`
	}
	o.Admin(t, &tenants, "tenant", "list")
	for _, tenant := range tenants.Tenants {
		if want := map[string]string{"alpha": "destroyed ", "beta": "active Beta AG"}[tenant.Handle]; tenant.State+" "+tenant.Name != want {
			t.Errorf("on %s tenant %s is %s %q, want %s", name, tenant.Handle, tenant.State, tenant.Name, want)
		}
	}
	if len(tenants.Tenants) != 2 {
		t.Errorf("on %s there are tenants %+v", name, tenants)
	}
	if n := len(o.Events(t, "beta", c.otherRID)); n < 5 {
		t.Errorf("on %s the other tenant's file has %d events", name, n)
	}
	owners := map[string]bool{}
	for _, chain := range o.VerifyAudit(t) {
		owners[chain.Owner] = chain.Fault == "" && chain.Chained > 0
	}
	if !owners["operator"] || !owners[c.mine.ID] || !owners[c.other.ID] {
		t.Errorf("on %s these audit chains are whole: %v", name, owners)
	}
}

// openEverything tries to open every sealed row of both tenants with every key in the key store, and counts what opens, by tenant.
func (c *covert) openEverything(rows map[string][]witness.Row) (opened map[string]int, tried int) {
	t := c.t
	t.Helper()
	root, err := vault.RootKeyFromFile(filepath.Join(c.Data, "keys", "root.key"))
	if err != nil {
		t.Fatal(err)
	}
	store, err := vault.OpenKeyStore(filepath.Join(c.Data, "keys", "owners"), root)
	if err != nil {
		t.Fatal(err)
	}
	v := vault.New(store, root)
	var keys []*vault.Keys
	for _, r := range rows["owner_key"] {
		for _, owner := range []string{string(r["owner"]), c.mine.ID, c.other.ID, string(vault.Operator)} { // also under another's name
			k, err := v.Keys(vault.Owner(owner), r["wrapped_key"])
			if err == nil {
				keys = append(keys, k)
			}
		}
	}
	opened = map[string]int{}
	for table, id := range map[string]string{
		"tenant": "id", "account": "id", "api_key": "id", "payment_file": "id", "event": "id", "document": "id", "sending": "file_id", "audit": "id",
	} {
		for _, r := range rows[table] {
			tenant := string(slices.Concat(r["tenant_id"], r["owner"]))
			if table == "tenant" {
				tenant = string(r["id"])
			}
			handle := map[string]string{c.mine.ID: "alpha", c.other.ID: "beta"}[tenant]
			if handle == "" {
				continue
			}
			tried++
			for _, k := range keys {
				if _, err := k.OpenRow(table, string(r[id]), r["sealed"]); err == nil {
					opened[handle]++
					break
				}
			}
		}
	}
	return opened, tried
}

// operatorsShare opens what is sealed for the operator, whose key lives on: nothing of the destroyed tenant may be in it.
func (c *covert) operatorsShare(database string) {
	t, ctx := c.t, c.t.Context()
	t.Helper()
	h, err := app.Open(ctx, config.Storage{Data: c.Data, Database: database}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}()
	mine := witness.NewSearch(slices.DeleteFunc(slices.Clone(c.canaries), func(x witness.Canary) bool {
		// The quarantine is the operator's, and its accounts belong to the same company.
		return strings.HasPrefix(x.Name, "unknown ") || x.Name == "account holder" || x.Name == "EBICS user"
	})...)
	bodies := 0
	for _, r := range witness.Rows(c.cells(database))["body"] {
		if string(r["owner"]) != string(hub.Operator) {
			continue
		}
		content, err := h.Store.ReadBody(ctx, hub.Operator, hub.BodyID(r["id"]), 64<<20)
		if err != nil {
			t.Fatal(err)
		}
		bodies++
		for _, what := range mine.Find(content) {
			t.Errorf("the operator's key opens the %s in a body of kind %s", what, r["kind"])
		}
	}
	if bodies == 0 {
		t.Error("the operator has no bodies, not even the quarantine's")
	}
}

// serves runs a hub on the backup: the destroyed tenant's key opens no door, the other tenant reads its things.
func (c *covert) serves(backup string) {
	t, ctx := c.t, c.t.Context()
	t.Helper()
	h := rig.NewHub(t, c.Binary, c.Data, backup)
	c.Bank.Start(t)
	h.Start(t)
	if got, err := h.Client(c.mine.Key).Login(ctx); err != nil || got.Status != http.StatusUnauthorized {
		t.Errorf("on the backup the destroyed tenant's key logs in: HTTP %d %v", got.Status, err)
	}
	erp := h.Client(c.other.Key)
	if p, err := erp.Payment(ctx, c.otherRID); err != nil || p.Item.Status != "FIN_CONFIRMED" {
		t.Errorf("on the backup the other tenant's file: %+v %v", p, err)
	}
	documents, err := erp.NewDocuments(ctx)
	if err != nil || len(documents) != 1 {
		t.Fatalf("on the backup the other tenant's documents: %+v %v", documents, err)
	}
	if _, err := erp.DocumentFile(ctx, documents[0].RID); err != nil {
		t.Errorf("on the backup the other tenant's statement: %v", err)
	}
	h.Stop(t)
	c.Bank.Stop(t)
}

// goesOn checks that the installation works for the other tenant as before.
func (c *covert) goesOn() {
	t := c.t
	t.Helper()
	// Meanwhile the backup was served with the same keys: to them this database is the older one now, and it must not go on by itself.
	if err := c.Hub.StartE(); err == nil {
		t.Error("a database that is older than what was done with its keys is served")
	}
	c.Admin(t, nil, "restored", "--reason", "the backup was tried out and put away")
	c.Start(t)
	erp := c.Hub.Client(c.other.Key)
	p, err := erp.Submit(t.Context(), rig.PaymentFile(t, rig.PaymentPlan{MessageID: "NEIGHBOUR-2", Account: c.other.Accounts[0]}), "")
	if err != nil {
		t.Fatal(err)
	}
	p = await(t, erp, p.RID, "FIN_VEU_FORWARDED")
	account := c.other.Accounts[0]
	if err := c.Bank.ReleaseE(t.Context(), c.Partner, p.Item.OrderID, account.Holder, account.A[0], account.B[0]); err != nil {
		t.Fatal(err)
	}
	await(t, erp, p.RID, "FIN_CONFIRMED")
	c.Bank.Advance(t)
	c.PollNow(t, "C53")
	awaitDocuments(t, erp, 2) // the one from before was not acknowledged
	c.Stop(t)
}

// A tenant whose key is destroyed while its orders are on their way must not hold up the neighbour under the same contact.
func TestDestroyedTenantWithOpenOrdersHoldsUpNobody(t *testing.T) {
	t.Parallel()
	embeddedFirst(t, destroyedWithOpenOrders)
}

func destroyedWithOpenOrders(t *testing.T, database string) {
	n := newNeighbours(t, database)
	a, b := n.sameFile(t, "HELD-UP", "")
	// Another file of the doomed tenant is still in the queue.
	n.Bank.Stop(t)
	if _, err := n.alphaERP.Submit(t.Context(), rig.PaymentFile(t, rig.PaymentPlan{MessageID: "QUEUED", Account: n.alpha.Accounts[0]}), ""); err != nil {
		t.Fatal(err)
	}
	n.Admin(t, nil, "tenant", "destroy-key", "alpha", "--yes")
	n.Bank.Start(t)
	n.release(t, a, n.alpha.Accounts[0])
	n.release(t, b, n.beta.Accounts[0])
	await(t, n.betaERP, b.RID, "FIN_CONFIRMED")
	n.Bank.Advance(t)
	n.PollNow(t, "C53")
	awaitDocuments(t, n.betaERP, 1)
	for _, q := range n.Quarantine(t) {
		if q.Detail.IBAN == n.beta.Accounts[0].IBAN {
			t.Errorf("the neighbour's statement is in the quarantine: %+v", q)
		}
	}
	if got, err := n.alphaERP.Do(t.Context(), http.MethodGet, rig.PathPayment+"/"+a.RID+"/Item", nil, nil); err != nil || got.Status != http.StatusUnauthorized {
		t.Errorf("the destroyed tenant's client gets HTTP %d %v", got.Status, err)
	}
	if slices.ContainsFunc(n.Bank.Log(t), func(l rig.BankTransaction) bool { return l.MessageID == "QUEUED" }) {
		t.Error("a queued file of the destroyed tenant reached the bank")
	}
	n.VerifyAudit(t)
}
