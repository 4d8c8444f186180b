//go:build killpoints

package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/e2e/rig"
)

// body is how large a payment file is.
type body struct {
	payments    int
	segmentSize string // for an upload of several segments
}

var (
	smallBody = body{payments: 60, segmentSize: "4000"}
	longBody  = body{payments: 200, segmentSize: "800"}     // its upload takes a good part of the whole job
	largeBody = body{payments: 3200, segmentSize: "100000"} // more than 2 MB
)

// story is the main job, played by an ERP and an account holder who repeat what got no answer, while hub and bank die around them.
type story struct {
	t    *testing.T
	in   *rig.Installation
	erp  *rig.Client
	file []byte
	size body
	id   string // message id

	point      string          // at which the hub kills itself; "" = nowhere
	armedIn    phase           // when the hub gets the point
	bankToo    bool            // when the hub has died at the point, the bank dies as well, and comes back after the hub
	hubAt      []time.Duration // when the hub is killed, after the start
	bankAt     []time.Duration // when the bank is killed, after the start
	armed      bool            // the hub's current life has the point
	reachedLog string          // points that the hub has passed

	rID        string
	order      string
	seen       []string // statuses, each when it was new
	deaths     []string // the last point that the hub passed before each of its deaths
	bankDeaths int
}

func newStory(t *testing.T, in *rig.Installation, messageID string, size body) *story {
	in.Hub.Settings["segment-size"] = size.segmentSize
	tenant := in.Tenants[0]
	return &story{
		t: t, in: in, erp: in.Hub.Client(tenant.Key), id: messageID, size: size,
		file:       rig.PaymentFile(t, rig.PaymentPlan{MessageID: messageID, Account: tenant.Accounts[0], Payments: size.payments, Padding: 110}),
		reachedLog: filepath.Join(filepath.Dir(in.Data), "reached"),
	}
}

// play plays the whole job and checks its end. It returns how long the job itself took.
func (s *story) play() time.Duration {
	s.in.Bank.Start(s.t)
	s.arm(phaseSubmit)
	begin := time.Now()
	wait := s.killers()
	s.mend()
	s.submit()
	s.await("FIN_VEU_FORWARDED")
	s.rearm(phaseRelease)
	s.release()
	s.await("FIN_CONFIRMED")
	s.rearm(phaseStatement)
	document := s.statement()
	s.acknowledge(document)
	took := time.Since(begin)
	wait()
	s.die()
	s.check(document)
	return took
}

// arm gives the hub its kill point for its next life, if it is its phase.
func (s *story) arm(now phase) {
	s.disarm()
	if s.point != "" && s.armedIn == now {
		s.armed = true
		s.in.Hub.Env = append(s.in.Hub.Env, "KONTOR_KILLPOINT="+s.point)
	}
}

// disarm lets the hub live through its next life; the points that it passes are logged all the same.
func (s *story) disarm() {
	s.armed = false
	s.in.Hub.Env = []string{"KONTOR_KILLPOINT_LOG=" + s.reachedLog}
}

// rearm restarts the hub in order, so that it comes to its point in this phase.
func (s *story) rearm(now phase) {
	s.t.Helper()
	if s.point == "" || s.armedIn != now {
		return
	}
	s.in.Hub.Stop(s.t)
	s.arm(now)
	s.mend()
}

// mend starts again whoever has died. A hub that ended otherwise than by SIGKILL has crashed, which no case forgives.
func (s *story) mend() {
	s.t.Helper()
	s.mendBank()
	for !s.in.Hub.Running() {
		select {
		case <-s.in.Hub.Exited():
			s.bury()
		default: // its first life, or a life after an orderly stop
		}
		err := s.in.Hub.StartE()
		if err != nil && !errors.Is(err, rig.ErrEnded) {
			s.t.Fatal(err)
		}
	}
	s.mendBank()
}

func (s *story) mendBank() {
	s.t.Helper()
	for !s.in.Bank.Running() {
		if !s.in.Bank.Killed() {
			s.t.Fatal("the bank ended by itself, not by SIGKILL")
		}
		s.bankDeaths++
		// It may be killed again while it starts.
		if err := s.in.Bank.StartE(); err != nil && !s.in.Bank.Killed() {
			s.t.Fatalf("the bank does not survive kill -9: %v", err)
		}
	}
}

// bury looks at why the hub's last life has ended.
func (s *story) bury() {
	s.t.Helper()
	if s.in.Hub.Stopped() {
		return
	}
	if !s.in.Hub.Killed() {
		s.t.Fatal("the hub ended by itself, not by SIGKILL")
	}
	s.deaths = append(s.deaths, s.lastPoint())
	if s.armed {
		s.checkReached()
		if s.bankToo {
			s.in.Bank.Kill()
		}
	}
	s.disarm()
}

// die sees to it that every case has its death: a point that was not reached fails, a moment after the end of the job comes now.
func (s *story) die() {
	s.t.Helper()
	if s.point != "" && len(s.deaths) == 0 {
		select {
		case <-s.in.Hub.Exited():
		case <-time.After(10 * time.Second):
			s.t.Fatalf("the point %s was not reached", s.point)
		}
	}
	if len(s.hubAt) > 0 && len(s.deaths) == 0 {
		s.in.Hub.Kill()
	}
	s.mend()
}

// do repeats an action until it succeeds, with hub and bank mended in between. A definite answer other than success ends the case:
// dying explains no answer, but it excuses no wrong one.
func (s *story) do(what string, act func(ctx context.Context) error) {
	s.t.Helper()
	deadline := time.Now().Add(rig.Patience)
	for {
		err := act(s.t.Context())
		if err == nil {
			return
		}
		if refused, ok := errors.AsType[*rig.Refused](err); ok && refused.Status != http.StatusServiceUnavailable {
			s.t.Fatalf("%s: %v", what, err)
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("waited %s for %s; statuses so far %v; last error: %v", rig.Patience, what, s.seen, err)
		}
		s.mend()
		if !rig.Pause(s.t, rig.Often) {
			s.t.Fatalf("%s: the test ended", what)
		}
	}
}

var firstNamed = regexp.MustCompile(`^DuplicateOf: ([0-9a-fA-F-]{36})\b`)

// submit repeats the very same request until it has a definite answer: queued, or refused as a double of the first, which is named.
func (s *story) submit() {
	s.t.Helper()
	tries := 0
	s.do("submit", func(ctx context.Context) error {
		tries++
		p, err := s.erp.Submit(ctx, s.file, "")
		if err != nil {
			return err
		}
		s.rID = p.RID
		if p.Item.Status == "KON_REJECTED" && p.Item.ErrorItem != nil && tries > 1 {
			named := firstNamed.FindStringSubmatch(p.Item.ErrorItem.ErrorDetails)
			if p.Item.ErrorItem.ErrorCode != "ERR-02-0003" || named == nil {
				s.t.Fatalf("the repeated request was refused with %+v", p.Item.ErrorItem)
			}
			s.rID = named[1]
			return nil
		}
		if p.Item.Status != "KON_ACCEPTED_AND_QUEUED" {
			s.t.Fatalf("try %d was answered %+v", tries, p)
		}
		s.observe(p)
		return nil
	})
}

// ranks is the order in which statuses may follow one another.
var ranks = map[string]int{
	"KON_ACCEPTED_AND_QUEUED": 1, "FIN_UPLOAD_UNCLEAR": 2, "FIN_UPLOAD_SUCCEEDED": 3, "FIN_VEU_FORWARDED": 4, "FIN_ACCEPTED": 5, "FIN_CONFIRMED": 6,
}

// observe takes in a status and asserts that it never goes back. One step back is right: from unclear to queued, when a bank that died
// has proved (TA01) that it does not have the order.
func (s *story) observe(p rig.Payment) {
	s.t.Helper()
	status := p.Item.Status
	rank, known := ranks[status]
	if !known {
		s.t.Fatalf("the file is %+v", p.Item)
	}
	if p.Item.OrderID != "" {
		s.order = p.Item.OrderID
	}
	if len(s.seen) == 0 {
		s.seen = append(s.seen, status)
		return
	}
	last := s.seen[len(s.seen)-1]
	if status == last {
		return
	}
	s.seen = append(s.seen, status)
	proven := last == "FIN_UPLOAD_UNCLEAR" && status == "KON_ACCEPTED_AND_QUEUED" && s.bankDeaths > 0
	if rank < ranks[last] && !proven {
		s.t.Fatalf("the status went back: %v", s.seen)
	}
}

// await asks until the file has at least the wanted status.
func (s *story) await(status string) {
	s.t.Helper()
	s.do(status, func(ctx context.Context) error {
		p, err := s.erp.Payment(ctx, s.rID)
		if err != nil {
			return err
		}
		s.observe(p)
		if ranks[p.Item.Status] < ranks[status] {
			return fmt.Errorf("it is %s", p.Item.Status)
		}
		return nil
	})
}

func (s *story) account() rig.Account { return s.in.Tenants[0].Accounts[0] }

// release has B and A sign.
func (s *story) release() {
	s.t.Helper()
	if s.order == "" {
		s.t.Fatal("the API names no order id")
	}
	s.do("the release", func(ctx context.Context) error {
		return s.in.Bank.ReleaseE(ctx, s.in.Partner, s.order, s.account().Holder, s.account().B[0], s.account().A[0])
	})
}

// statement ends the bank's day and waits for the document that it brings.
func (s *story) statement() rig.Document {
	s.t.Helper()
	var day rig.BankState
	s.do("the business date", func(ctx context.Context) error { return s.in.Bank.Control(ctx, "state", nil, &day) })
	s.do("the end of the bank's day", func(ctx context.Context) error { return s.in.Bank.AdvanceE(ctx, day.BusinessDate) })
	s.pollNow()
	var document rig.Document
	s.do("the statement", func(ctx context.Context) error {
		all, err := s.erp.NewDocuments(ctx)
		if err == nil && len(all) == 0 {
			err = errors.New("there is no new document")
		}
		if err == nil {
			document = all[0]
		}
		return err
	})
	return document
}

func (s *story) pollNow() {
	s.t.Helper()
	s.do("poll now", func(ctx context.Context) error {
		return s.in.RunE(ctx, nil, "admin", "poll", "now", "--contact", s.in.Contact, "--order-type", "C53")
	})
}

func (s *story) acknowledge(d rig.Document) {
	s.t.Helper()
	s.do("the acknowledgement", func(ctx context.Context) error {
		got, err := s.erp.Acknowledge(ctx, d.RID)
		if err == nil && got.IsNew {
			s.t.Fatalf("the acknowledged document is new: %+v", got)
		}
		return err
	})
}

// check looks at everything when all is over: at the bank, at the API, at the audit chain.
func (s *story) check(d rig.Document) {
	s.t.Helper()
	s.settle()
	s.await("FIN_CONFIRMED")
	var all, fresh []rig.Document
	s.do("the history", func(ctx context.Context) (err error) {
		if all, err = s.erp.History(ctx); err != nil {
			return err
		}
		fresh, err = s.erp.NewDocuments(ctx)
		return err
	})
	if len(all) != 1 || all[0].RID != d.RID || all[0].IBAN != s.account().IBAN || len(fresh) != 0 {
		s.t.Errorf("the history has %+v, of which %+v are new; want exactly the acknowledged %s", all, fresh, d.RID)
	}
	s.do("the document", func(ctx context.Context) error {
		statement, err := s.erp.DocumentFile(ctx, d.RID)
		if err == nil {
			if n := booked(s.t, statement, s.id); n != s.size.payments {
				s.t.Errorf("the statement books %d payments of the file, want %d", n, s.size.payments)
			}
		}
		return err
	})
	checkDeliveredOnce(s.t, s.in, s.id)
	s.checkQuarantine()
	if s.in.Database != "" {
		s.do("the sealing of all audit rows", s.sealed) // a killed sealer's lease has to end first
	}
	if took := s.in.Hub.Stop(s.t); took > stopLimit {
		s.t.Errorf("stopping took %s", took)
	}
	checkAudit(s.t, s.in)
}

// sealed is an error as long as audit rows wait to be chained.
func (s *story) sealed(context.Context) error {
	for _, c := range s.in.VerifyAudit(s.t) {
		if c.Pending > 0 {
			return fmt.Errorf("%d rows of %s wait", c.Pending, c.Owner)
		}
	}
	return nil
}

// settle waits until the bank has no statement left to deliver and the hub has split everything that was delivered: only then a
// document that came twice would be seen twice.
func (s *story) settle() {
	s.t.Helper()
	asked := 0
	for _, l := range s.in.Bank.Log(s.t) {
		if l.OrderType == "C53" {
			asked++
		}
	}
	s.pollNow()
	s.do("an answer that there are no more statements", func(context.Context) error {
		n := 0
		for _, l := range s.in.Bank.Log(s.t) {
			if l.OrderType != "C53" {
				continue
			}
			if n++; n > asked && l.ReturnCode == "090005" {
				return nil
			}
		}
		if n > asked { // it was a delivery whose receipt had been lost: once more
			asked = n
			s.pollNow()
		}
		return errors.New("not yet")
	})
	db, err := s.in.OpenTables()
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // read only
	s.do("the splitting of all deliveries", func(ctx context.Context) error {
		var open int
		err := db.QueryRowContext(ctx, "SELECT count(*) FROM download WHERE state <> 'indexed'").Scan(&open)
		if err == nil && open > 0 {
			err = fmt.Errorf("%d deliveries are not split", open)
		}
		return err
	})
}

// checkQuarantine asserts that the statements of the bank's other accounts are kept, each once, and nothing else is.
func (s *story) checkQuarantine() {
	s.t.Helper()
	var want, got []string
	for _, f := range s.in.Bank.Files(s.t) {
		if f.OrderType == "C53" && f.PartnerID == s.in.Partner && !strings.Contains(f.Name, s.account().IBAN) {
			want = append(want, f.Name)
		}
	}
	for _, q := range s.in.Quarantine(s.t) {
		got = append(got, q.Detail.FileName)
	}
	slices.Sort(want)
	slices.Sort(got)
	if len(want) == 0 || !slices.Equal(got, want) {
		s.t.Errorf("in quarantine are %v, want %v", got, want)
	}
}
