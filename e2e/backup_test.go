package e2e_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"testing"

	"kontor/e2e/rig"
	"kontor/internal/pgtest"
)

// A backup made under load, the machine lost, and the rest of the story on the other engine: what was acknowledged before the backup is
// there, nothing goes to the bank a second time, and the audit chains are whole.
func TestBackupUnderLoadIsRestoredElsewhere(t *testing.T) {
	t.Parallel()
	t.Run("from SQLite to PostgreSQL", func(t *testing.T) { t.Parallel(); loseTheMachine(t, "", pgtest.Database(t)) })
	t.Run("from PostgreSQL to SQLite", func(t *testing.T) { t.Parallel(); loseTheMachine(t, pgtest.Database(t), "") })
}

func loseTheMachine(t *testing.T, from, to string) {
	in := rig.Ceremony(t, rig.Plan{Database: from})
	in.Start(t)
	backups := rig.Folder(t)
	submitted := &submissions{erp: in.Hub.Client(in.Tenants[0].Key), account: in.Tenants[0].Accounts[0]}
	stop := submitted.begin(t)
	rig.Until(t, "the load", func() (bool, error) { return submitted.count() >= 12, nil })
	before := submitted.acknowledged()
	var made struct {
		Path string `json:"path"`
	}
	if err := in.RunE(t.Context(), &made, "backup", "--backup-folder", backups); err != nil {
		t.Fatal(err)
	}
	reached := submitted.count()
	rig.Until(t, "the load to go on", func() (bool, error) { return submitted.count() > reached, nil })
	in.Hub.Kill()
	stop()

	there := moveIn(t, in, to)
	refuseElsewhere(t, there, made.Path)
	var restored struct {
		Unclear []struct {
			Tenant string `json:"tenant"`
			File   string `json:"file"`
		} `json:"unclear"`
	}
	if err := there.RunE(t.Context(), &restored, "restore", "--from", made.Path, "--reason", "the machine was lost in this test"); err != nil {
		t.Fatal(err)
	}
	there.Hub.Start(t)
	there.erp = there.Hub.Client(in.Tenants[0].Key)
	for rID := range before {
		if _, err := there.erp.Payment(t.Context(), rID); err != nil {
			t.Errorf("file %s was acknowledged before the backup: %v", rID, err)
		}
		if _, err := there.erp.PaymentFile(t.Context(), rID); err != nil {
			t.Errorf("file %s cannot be read: %v", rID, err)
		}
	}
	atBank := func() map[string]int {
		n := map[string]int{}
		for _, o := range in.Bank.Orders(t) {
			n[o.MessageID]++
		}
		return n
	}
	for _, u := range restored.Unclear {
		there.settle(t, u.Tenant, u.File, atBank())
	}
	rig.Until(t, "everything to be at the bank", func() (bool, error) {
		n := atBank()
		for rID, message := range before {
			if n[message] == 0 {
				return false, fmt.Errorf("%s (%s) is not at the bank", message, rID)
			}
		}
		return true, nil
	})
	there.Hub.Stop(t)
	for message, n := range atBank() {
		if n != 1 {
			t.Errorf("the bank has %s %d times", message, n)
		}
	}
	chains := 0
	for _, c := range there.VerifyAudit(t) {
		chains++
		if c.Fault != "" || c.Pending != 0 {
			t.Errorf("audit chain %+v", c)
		}
	}
	if chains < 2 || len(before) < 12 {
		t.Errorf("%d chains, %d files", chains, len(before))
	}
	t.Logf("%d files acknowledged before the backup, %d in all, %d unclear after it", len(before), submitted.count(), len(restored.Unclear))
	in.Bank.Stop(t)
}

// newPlace is where an installation is restored to.
type newPlace struct {
	rig.Operator
	Hub *rig.Hub
	erp *rig.Client
}

// moveIn makes a new place with the keys of an installation and an empty database.
func moveIn(t *testing.T, in *rig.Installation, database string) *newPlace {
	t.Helper()
	data := filepath.Join(rig.Folder(t), "hub")
	if err := os.CopyFS(filepath.Join(data, "keys"), os.DirFS(filepath.Join(in.Data, "keys"))); err != nil {
		t.Fatal(err)
	}
	if err := rig.OnlyForOwner(data); err != nil {
		t.Fatal(err)
	}
	p := &newPlace{Operator: rig.Operator{Binary: in.Binary, Data: data, Database: database}, Hub: rig.NewHub(t, in.Binary, data, database)}
	maps.Copy(p.Hub.Settings, in.Hub.Settings)
	return p
}

// refuseElsewhere asserts that a backup that was torn or changed is refused before anything is written.
func refuseElsewhere(t *testing.T, p *newPlace, backup string) {
	t.Helper()
	raw, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	changed := slices.Clone(raw)
	changed[len(changed)/2] ^= 1
	for name, content := range map[string][]byte{"torn": raw[:len(raw)*2/3], "changed": changed} {
		path := filepath.Join(rig.Folder(t), name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := p.RunE(t.Context(), nil, "restore", "--from", path, "--reason", "a backup that is "+name); err == nil {
			t.Errorf("a %s backup was restored", name)
		}
	}
}

var messageID = regexp.MustCompile(`<MsgId>([^<]+)</MsgId>`)

// settle says of an unclear file what its bank says, as a person would.
func (p *newPlace) settle(t *testing.T, tenant, file string, atBank map[string]int) {
	t.Helper()
	raw, err := p.erp.PaymentFile(t.Context(), file)
	found := messageID.FindSubmatch(raw)
	if err != nil || found == nil {
		t.Fatalf("file %s: %v", file, err)
	}
	proof := "absent"
	if atBank[string(found[1])] > 0 {
		proof = "delivered"
	}
	rig.Until(t, "the settling of "+file, func() (bool, error) {
		payment, err := p.erp.Payment(t.Context(), file)
		if err != nil || payment.Item.Status != "FIN_UPLOAD_UNCLEAR" {
			return true, err // the bank's protocol was faster
		}
		// It is refused for the moment in which the hub has the file in hand.
		err = p.RunE(t.Context(), nil, "admin", "file", "settle", file, "--tenant", tenant, "--proof", proof, "--reason", "looked up in the orders of the sandbox bank")
		return err == nil, err
	})
}

// submissions are files that clients hand in all the time.
type submissions struct {
	erp     *rig.Client
	account rig.Account

	mu   sync.Mutex
	sent int
	byID map[string]string // of what was acknowledged: message id by rId
}

func (s *submissions) begin(t *testing.T) (stop func()) {
	t.Helper()
	s.byID = map[string]string{}
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			for ctx.Err() == nil {
				s.mu.Lock()
				s.sent++
				message := fmt.Sprintf("BACKUP-%d", s.sent)
				s.mu.Unlock()
				p, err := s.erp.Submit(ctx, rig.PaymentFile(t, rig.PaymentPlan{MessageID: message, Account: s.account, Payments: 5}), message+".xml")
				if err != nil {
					return // the hub was killed
				}
				s.mu.Lock()
				s.byID[p.RID] = message
				s.mu.Unlock()
				rig.Pause(t, rig.Often)
			}
		})
	}
	return func() { cancel(); all.Wait() }
}

func (s *submissions) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.byID)
}

func (s *submissions) acknowledged() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.byID)
}
