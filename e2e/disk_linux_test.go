package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"kontor/e2e/rig"
)

// healLimit is how long after there is room again the hub may still refuse.
const healLimit = 30 * time.Second

// smallDisk mounts a file system of its own at a folder, and unmounts it with the test.
func smallDisk(t *testing.T, folder string, bytes int) {
	t.Helper()
	if os.Geteuid() != 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("a small disk can be mounted by root alone")
		}
		t.Skip("a small disk can be mounted by root alone: run this test as root")
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, fmt.Sprintf("size=%d,mode=0700", bytes)); err != nil {
		t.Fatalf("mount: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
}

// fill writes a file until there is no room, then gives some of it back.
func fill(t *testing.T, path string, leave int64) {
	t.Helper()
	file, err := os.OpenFile(filepath.Clean(path), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	var size int64
	for block := make([]byte, 256<<10); len(block) > 0; {
		n, err := file.Write(block)
		size += int64(n)
		if err != nil && !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
		if err != nil {
			block = block[:len(block)/2]
		}
	}
	if err := errors.Join(file.Truncate(max(0, size-leave)), file.Close()); err != nil {
		t.Fatal(err)
	}
}

// R4: a full disk refuses, loses nothing that was acknowledged, does not keep anybody from reading, and is no reason for anybody to do
// anything but make room.
func TestR4DiskFullRefusesAndLosesNothing(t *testing.T) {
	t.Parallel()
	base := rig.Ceremony(t, rig.Plan{Settings: severalSegments})
	folder := rig.Folder(t)
	smallDisk(t, filepath.Join(folder, "hub"), 24<<20)
	in := base.CopyTo(t, folder)
	in.Start(t)
	d := newDiskStory(t, in)
	rounds := 6
	if d.long = 4 * time.Second; rig.Long() {
		rounds, d.long = 100, 40*time.Second // longer than any lease or back-off of these settings
	}
	for round := range rounds {
		d.round(round)
	}
	d.end()
}

// diskStory is a hub under load whose disk is full now and then.
type diskStory struct {
	t      *testing.T
	in     *rig.Installation
	erp    *rig.Client
	chance *rand.Rand
	filler string
	long   time.Duration // how long the disk stays full now and then

	dead    atomic.Bool // the hub is being killed and started: requests may have no answer
	stop    context.CancelFunc
	working sync.WaitGroup

	mu           sync.Mutex
	acknowledged map[string]string // message id by rId
	refused      map[int]int       // by HTTP status
	known        string            // an rId to read
	slowest      time.Duration     // from room to the first file taken
}

// submitters is how many ERPs submit at the same time.
const submitters = 2

func newDiskStory(t *testing.T, in *rig.Installation) *diskStory {
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("KONTOR_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("KONTOR_SEED: %v", err)
		}
	}
	t.Logf("KONTOR_SEED=%d repeats these moments", seed)
	d := &diskStory{
		t: t, in: in, erp: in.Hub.Client(in.Tenants[0].Key), chance: rand.New(rand.NewPCG(seed, 4)), filler: filepath.Join(in.Data, "filler"),
		acknowledged: map[string]string{}, refused: map[int]int{},
	}
	d.known, _ = submit(t, in, "DISK-FIRST", 3)
	d.acknowledged[d.known] = "DISK-FIRST"
	if got, err := d.erp.Login(t.Context()); err != nil || got.Status != http.StatusOK { // a token for the time without room
		t.Fatalf("login: HTTP %d, %v", got.Status, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	d.stop = stop
	t.Cleanup(func() { stop(); d.working.Wait() })
	var number atomic.Int64
	for range submitters {
		d.working.Go(func() {
			for ctx.Err() == nil && rig.Pause(t, 80*time.Millisecond) {
				d.submit(ctx, fmt.Sprintf("DISK-%d", number.Add(1)))
			}
		})
	}
	return d
}

// submit sends one file, again and again until it is taken.
func (d *diskStory) submit(ctx context.Context, id string) {
	file := rig.PaymentFile(d.t, rig.PaymentPlan{MessageID: id, Account: d.in.Tenants[0].Accounts[0], Payments: 40, Padding: 100})
	for ctx.Err() == nil {
		dead := d.dead.Load()
		p, err := d.erp.Submit(ctx, file, "")
		if err == nil {
			rID := p.RID
			if e := p.Item.ErrorItem; p.Item.Status == "KON_REJECTED" && e != nil && e.ErrorCode == "ERR-02-0003" {
				rID = namedFirst(e.ErrorDetails)
			} else if p.Item.Status != "KON_ACCEPTED_AND_QUEUED" {
				d.t.Errorf("%s: %+v %+v", id, p, e)
			}
			d.mu.Lock()
			defer d.mu.Unlock()
			d.acknowledged[rID] = id
			return
		}
		d.refusal(ctx, "submit", dead || d.dead.Load(), err)
		if !rig.Pause(d.t, rig.Often) {
			return
		}
	}
}

// refusal counts an answer without success: 507 and 503 with an error item are right, no answer at all is when the hub is being killed.
func (d *diskStory) refusal(ctx context.Context, what string, dead bool, err error) {
	refused, ok := errors.AsType[*rig.Refused](err)
	if !ok {
		if ctx.Err() == nil && !dead {
			d.t.Errorf("%s: %v", what, err)
		}
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refused[refused.Status]++
	full := refused.Status == http.StatusInsufficientStorage && len(refused.Items) == 1 && refused.Items[0].ErrorCode == "ERR-09-0004"
	busy := refused.Status == http.StatusServiceUnavailable && len(refused.Items) == 1 && refused.Items[0].ErrorCode == "ERR-09-0002"
	if !full && !busy || refused.Header.Get("Retry-After") == "" {
		d.t.Errorf("%s: %v, Retry-After %q", what, err, refused.Header.Get("Retry-After"))
	}
}

// taken is how many files were acknowledged so far.
func (d *diskStory) taken() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.acknowledged)
}

func (d *diskStory) refusals() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, times := range d.refused {
		n += times
	}
	return n
}

// round fills the disk at a random moment to a random rest, looks how the hub does, and makes room.
func (d *diskStory) round(number int) {
	t := d.t
	if !rig.Pause(t, time.Duration(d.chance.Int64N(int64(400*time.Millisecond)))) {
		return
	}
	before := d.refusals()
	leave := d.chance.Int64N(200 << 10)
	if number%2 == 0 {
		leave = 0
	}
	fill(t, d.filler, leave)
	rig.Until(t, "a refusal", func() (bool, error) { return d.refusals() > before+1, nil })
	for range 5 { // reading goes on with a token
		if p, err := d.erp.Payment(t.Context(), d.known); err != nil || p.RID == "" {
			t.Errorf("reading while the disk is full: %v", err)
		}
		if _, err := d.erp.PaymentFile(t.Context(), d.known); err != nil {
			t.Errorf("reading a file while the disk is full: %v", err)
		}
		if _, err := d.erp.NewDocuments(t.Context()); err != nil {
			t.Errorf("listing while the disk is full: %v", err)
		}
	}
	// A login writes: it is refused like any other write.
	other := d.in.Hub.Client(d.in.Tenants[0].Key)
	if got, err := other.Login(t.Context()); err != nil || got.Status != http.StatusOK && got.Status != http.StatusInsufficientStorage && got.Status != http.StatusServiceUnavailable {
		t.Errorf("login while the disk is full: HTTP %d, %v", got.Status, err)
	}
	if number%10 == 1 && !rig.Pause(t, d.long) { // jobs give up meanwhile, leases end
		return
	}
	dies := number%3 == 2
	if dies { // the power is lost, too
		d.dead.Store(true)
		d.in.Hub.Kill()
	}
	if number%6 == 2 { // and comes back before there is room: whether the hub starts then is its own affair
		if err := d.in.Hub.StartE(); err != nil && !errors.Is(err, rig.ErrEnded) {
			t.Fatal(err)
		}
	}
	taken := d.taken()
	if err := os.Remove(d.filler); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if dies {
		if !d.in.Hub.Running() {
			d.in.Hub.Start(t)
		}
		d.dead.Store(false)
	}
	rig.Until(t, "a file to be taken", func() (bool, error) { return d.taken() > taken, nil })
	took := time.Since(begin)
	d.slowest = max(d.slowest, took)
	if took > healLimit {
		t.Errorf("the hub took files again after %s", took)
	}
}

// end stops the load and checks that everything acknowledged is at the bank, once.
func (d *diskStory) end() {
	t := d.t
	d.stop()
	d.working.Wait()
	for rID := range d.acknowledged {
		await(t, d.erp, rID, "FIN_VEU_FORWARDED")
	}
	delivered := map[string]int{}
	for _, l := range d.in.Bank.Log(t) {
		if l.OrderType == "CCT" && l.Finished {
			delivered[l.MessageID]++
		}
	}
	for rID, id := range d.acknowledged {
		if delivered[id] != 1 {
			t.Errorf("%s (%s) was delivered %d times", id, rID, delivered[id])
		}
	}
	for id, times := range delivered {
		if times != 1 {
			t.Errorf("%s was delivered %d times", id, times)
		}
	}
	if d.refused[http.StatusInsufficientStorage] == 0 {
		t.Error("no request was refused with 507")
	}
	d.in.Hub.Stop(t)
	checkAudit(t, d.in)
	t.Logf("%d files acknowledged, refused %v, took files again at the latest after %s", len(d.acknowledged), d.refused, d.slowest.Round(time.Millisecond))
}
