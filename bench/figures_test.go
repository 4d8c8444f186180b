package bench_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"kontor/internal/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

const megabyte = 1 << 20

// bench is one run of everything.
type bench struct {
	testing.TB
	plan   plan
	binary string
	noise  noise
	table  table
}

// BenchmarkFigures is no benchmark in Go's sense: it measures processes, once, and prints its own table.
func BenchmarkFigures(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		measure(b)
		b.StartTimer()
	}
}

func measure(tb testing.TB) {
	tb.Setenv("KONTOR_PG_FSYNC", "1") // what is acknowledged is on disk, or the comparison means nothing
	b := &bench{TB: tb, plan: newPlan(), noise: noise{folder: tb.TempDir()}}
	b.binary = binary(tb)
	b.size()
	installed := map[string]*installation{}
	for _, engine := range b.plan.engines {
		dsn := ""
		if engine == postgres {
			dsn = pgtest.Database(tb)
		}
		installed[engine] = install(tb, b.binary, engine, dsn)
	}
	b.starts(installed)
	b.idle(installed)
	for _, engine := range b.plan.engines {
		b.throughput(installed[engine])
	}
	b.noise.figures(&b.table)
	fmt.Printf("\n%s, %d processors, %s\n\n", runtime.Version(), runtime.NumCPU(), runtime.GOOS+"/"+runtime.GOARCH)
	if err := b.table.write(os.Stdout); err != nil {
		tb.Fatal(err)
	}
	for _, f := range b.table.figures {
		if f.missed() && !b.plan.short {
			tb.Errorf("%s: %s", f.name, f.verdict())
		}
	}
}

func (b *bench) size() {
	info, err := os.Stat(b.binary)
	if err != nil {
		b.Fatal(err)
	}
	b.table.add(figure{name: "binary", unit: "MB", runs: sample{float64(info.Size()) / megabyte}, demand: demand{most: 40}})
}

// starts measures the time from the start of a process to its ready line, on a database that exists; the engines take turns.
func (b *bench) starts(installed map[string]*installation) {
	runs := map[string]sample{}
	for range b.plan.starts {
		for _, engine := range b.plan.engines {
			h, err := startProcess(installed[engine])
			if err != nil {
				b.Fatal(err)
			}
			if err := h.stop(); err != nil {
				b.Fatal(err)
			}
			runs[engine] = append(runs[engine], milliseconds(h.took))
		}
		b.noise.measure(b)
	}
	for _, engine := range b.plan.engines {
		b.table.add(figure{name: engine + ": start to ready", unit: "ms", runs: runs[engine], demand: demand{most: 150}})
	}
}

// idle measures what a hub costs that has nothing to do. Both engines' hubs run at the same time: they wait.
func (b *bench) idle(installed map[string]*installation) {
	resident, proportional, perMinute := map[string]sample{}, map[string]sample{}, map[string]sample{}
	runs := 1
	if !b.plan.short {
		runs = 2
	}
	for range runs {
		hubs := map[string]*hub{}
		before := map[string]time.Duration{}
		for _, engine := range b.plan.engines {
			h, err := startProcess(installed[engine])
			if err != nil {
				b.Fatal(err)
			}
			hubs[engine] = h
		}
		b.wait(b.plan.settle)
		for engine, h := range hubs {
			r, p, err := h.memory()
			used, cerr := h.cpu()
			if err != nil || cerr != nil {
				b.Fatal(err, cerr)
			}
			resident[engine], proportional[engine] = append(resident[engine], float64(r)/megabyte), append(proportional[engine], float64(p)/megabyte)
			before[engine] = used
		}
		b.wait(b.plan.idle)
		for engine, h := range hubs {
			used, err := h.cpu()
			if err != nil {
				b.Fatal(err)
			}
			perMinute[engine] = append(perMinute[engine], milliseconds(used-before[engine])*time.Minute.Seconds()/b.plan.idle.Seconds())
			if err := h.stop(); err != nil {
				b.Fatal(err)
			}
		}
	}
	for _, engine := range b.plan.engines {
		b.table.add(figure{name: engine + ": idle memory, resident", unit: "MB", runs: resident[engine], demand: demand{most: 60}})
		b.table.add(figure{name: engine + ": idle memory, proportional", unit: "MB", runs: proportional[engine], demand: demand{most: 60}})
		b.table.add(figure{name: engine + ": processor time per idle minute", unit: "ms", runs: perMinute[engine]})
	}
}

// wait lets time pass: an idle process is measured by watching it do nothing.
func (b *bench) wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-b.Context().Done():
		b.Fatal(context.Cause(b.Context()))
	}
}

// throughput measures how many small files per second the hub takes in, beside the ceiling, and how long they take at half of that.
func (b *bench) throughput(in *installation) {
	h := startHub(b, in, b.plan.profile)
	l := newLoad(b, in, h)
	if err := l.submit(b.Context()); err != nil {
		b.Fatal(err)
	}
	if err := h.stop(); err != nil { // so that its database can be copied
		b.Fatal(err)
	}
	copied := in.copyDatabase(b)
	peer := open(b, in.engine, copied)
	rows := submissionRows(b, peer)
	closeDB(b, peer)
	h = startHub(b, in, b.plan.profile)
	l = newLoad(b, in, h)
	b.sameRows(in, l, copied, rows)

	var best float64
	for _, clients := range b.plan.clients {
		if b.plan.profile && clients != 8 {
			continue
		}
		best = max(best, b.beside(in, h, l, clients, newCeiling(b, in.engine, copied, rows, clients)))
	}
	if in.engine == sqlite {
		b.alone(h, newSQLiteCeiling(b, openPrepared(b, copied), rows))
	}
	b.halfLoad(in, l, best/2)
}

// sameRows fails unless a submission to the hub and one to its peer add the same number of rows to the same tables.
func (b *bench) sameRows(in *installation, l *load, copied string, rows []row) {
	one := func(address string, submit func(ctx context.Context) error) string {
		db := open(b, in.engine, address)
		defer closeDB(b, db)
		before := rowCounts(b, db)
		if err := submit(b.Context()); err != nil {
			b.Fatal(err)
		}
		return growth(before, rowCounts(b, db))
	}
	ours, theirs := one(in.address(), l.submit), one(copied, newCeiling(b, in.engine, copied, rows, 1))
	if ours != theirs {
		b.Fatalf("a submission adds %s, its peer %s", ours, theirs)
	}
}

// beside measures the hub and the ceiling in turns and returns the hub's median.
func (b *bench) beside(in *installation, h *hub, l *load, clients int, peer ceiling) float64 {
	closed(b, clients, b.plan.load/4, l.submit) // connections are opened, caches are warm
	var ours, theirs, share, half, most, effort sample
	for range b.plan.runs {
		before, err := h.cpu()
		if err != nil {
			b.Fatal(err)
		}
		o := closed(b, clients, b.plan.load, l.submit)
		after, err := h.cpu()
		if err != nil {
			b.Fatal(err)
		}
		if err := h.freeze(true); err != nil {
			b.Fatal(err)
		}
		b.noise.measure(b)
		c := closed(b, clients, b.plan.load, peer)
		if err := h.freeze(false); err != nil {
			b.Fatal(err)
		}
		ours, theirs, share = append(ours, o.perSecond), append(theirs, c.perSecond), append(share, 100*o.perSecond/c.perSecond)
		half = append(half, milliseconds(percentile(o.latencies, 50)))
		most = append(most, milliseconds(percentile(o.latencies, 99)))
		effort = append(effort, milliseconds(after-before)/float64(len(o.latencies)))
	}
	name := fmt.Sprintf("%s, %d clients: ", in.engine, clients)
	b.table.add(figure{name: name + "submissions", unit: "1/s", runs: ours})
	b.table.add(figure{name: name + "bare database", unit: "1/s", runs: theirs})
	b.table.add(figure{name: name + "of the bare database", unit: "%", runs: share, demand: demand{least: 50}})
	b.table.add(figure{name: name + "p50", unit: "ms", runs: half})
	b.table.add(figure{name: name + "p99", unit: "ms", runs: most})
	b.table.add(figure{name: name + "hub's processor time each", unit: "ms", runs: effort})
	return ours.median()
}

// alone measures what the database allows when also the job's statement is kept prepared.
func (b *bench) alone(h *hub, peer ceiling) {
	if err := h.freeze(true); err != nil {
		b.Fatal(err)
	}
	const clients = 32
	var runs sample
	for range b.plan.runs {
		runs = append(runs, closed(b, clients, b.plan.load/2, peer).perSecond)
	}
	if err := h.freeze(false); err != nil {
		b.Fatal(err)
	}
	b.table.add(figure{name: fmt.Sprintf("%s, %d clients: bare database, the job's statement prepared, too", sqlite, clients), unit: "1/s", runs: runs})
}

func (b *bench) halfLoad(in *installation, l *load, perSecond float64) {
	closed(b, connections, b.plan.load/4, l.submit) // all connections are opened
	var rate, half, most sample
	for range b.plan.runs {
		o := arriving(b, perSecond, b.plan.steady, l.submit)
		rate = append(rate, o.perSecond)
		half = append(half, milliseconds(percentile(o.latencies, 50)))
		most = append(most, milliseconds(percentile(o.latencies, 99)))
		b.noise.measure(b)
	}
	b.table.add(figure{name: in.engine + ", half load: submissions", unit: "1/s", runs: rate})
	b.table.add(figure{name: in.engine + ", half load: p50", unit: "ms", runs: half})
	b.table.add(figure{name: in.engine + ", half load: p99", unit: "ms", runs: most, demand: demand{most: 50}})
}
