package bench_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"kontor/benchdata"
	"kontor/e2e/rig"
	"kontor/internal/pgtest"
)

// How many payments and entries the files of the formats have.
const (
	formatPayments = 100_000
	formatLarge    = 1_000_000
)

// BenchmarkFormats measures what it costs to judge payment files and statements beside the programs that people could take instead. Like
// BenchmarkFigures it measures processes and prints its own table. All processes of a row read the same file.
func BenchmarkFormats(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		measureFormats(b)
		b.StartTimer()
	}
}

// formats is one run of everything.
type formats struct {
	*bench
	folder  string
	schemas string // of the official schemas; "" if they are not at hand
	modules string // folder node_modules with mt940-js; "" if it is not at hand
}

func measureFormats(tb testing.TB) {
	tb.Setenv("KONTOR_PG_FSYNC", "1") // what is acknowledged is on disk, or the comparison means nothing
	f := &formats{bench: &bench{TB: tb, plan: newPlan(), noise: noise{folder: tb.TempDir()}}, folder: tb.TempDir(), modules: os.Getenv("KONTOR_BENCH_NODE_MODULES")}
	f.binary = binary(tb)
	f.schemas = schemas(tb)
	// First, while this process is small: a process that begins counts what the one that starts it has in memory as its own peak.
	f.cores(f.file("large.xml", func(w io.Writer) error { return benchdata.CreditTransfer(w, formatLarge, benchdata.Layout{}) }))
	compact := f.file("payments.xml", func(w io.Writer) error { return benchdata.CreditTransfer(w, formatPayments, benchdata.Layout{}) })
	indented := f.file("payments-indented.xml", func(w io.Writer) error {
		return benchdata.CreditTransfer(w, formatPayments, benchdata.Layout{Indent: true})
	})
	statement := f.file("statement.xml", func(w io.Writer) error { return benchdata.Statement(w, formatPayments, benchdata.Layout{}) })
	f.beside("pain.001.001.09 of 100,000, indented", indented, f.xmllint("pain.001.001.09_GBIC_5.xsd"), 12)
	f.beside("pain.001.001.09 of 100,000, compact", compact, f.xmllint("pain.001.001.09_GBIC_5.xsd"), 12)
	f.beside("camt.053.001.08 of 100,000", statement, f.xmllint("camt.053.001.08.xsd"), 8)
	f.beside("MT940 of 100,000", f.file("statement.sta", func(w io.Writer) error { return benchdata.MT940(w, formatPayments) }), f.node(), 30)
	f.hop("pain.001.001.09 of 100,000, indented", indented)
	f.hop("pain.001.001.09 of 100,000, compact", compact)
	for _, engine := range f.plan.engines {
		dsn := ""
		if engine == postgres {
			dsn = pgtest.Database(tb)
		}
		f.upload(install(tb, f.binary, engine, dsn), compact)
	}
	f.noise.figures(&f.table)
	fmt.Printf("\n%s, %d processors, %s\n\n", runtime.Version(), runtime.NumCPU(), runtime.GOOS+"/"+runtime.GOARCH)
	if err := f.table.write(os.Stdout); err != nil {
		tb.Fatal(err)
	}
	for _, x := range f.table.figures {
		if x.missed() && !f.plan.short {
			tb.Errorf("%s: %s", x.name, x.verdict())
		}
	}
}

// schemas returns the folder of the official schemas, which are not part of the project: data/xsd below KONTOR_SHARED, by default the
// folder shared beside the module. Without it the rows that need it are left out.
func schemas(tb testing.TB) string {
	tb.Helper()
	shared := os.Getenv("KONTOR_SHARED")
	if shared == "" {
		root, err := rig.Root()
		if err != nil {
			tb.Fatal(err)
		}
		shared = filepath.Join(root, "..", "shared")
	}
	folder := filepath.Join(shared, "data", "xsd")
	if _, err := os.Stat(folder); err != nil {
		return ""
	}
	return folder
}

// file writes an input and returns its path.
func (f *formats) file(name string, write func(io.Writer) error) string {
	path := filepath.Join(f.folder, name)
	out, err := os.Create(path)
	if err != nil {
		f.Fatal(err)
	}
	err = write(out)
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		f.Fatal(err)
	}
	return path
}

// use is what one process took.
type use struct {
	cpu    time.Duration // of the processor
	wall   time.Duration
	memory int64 // most bytes resident
}

// process runs a program to its end on so many cores.
func (f *formats) process(cores int, command ...string) use {
	cmd := exec.CommandContext(f.Context(), command[0], command[1:]...)
	cmd.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", cores))
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = io.Discard, &said
	begin := time.Now()
	if err := cmd.Run(); err != nil {
		f.Fatalf("%v: %v\n%s", command, err, said.String())
	}
	wall := time.Since(begin)
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		f.Fatal("the system does not tell what a process used")
	}
	return use{cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), wall, usage.Maxrss << 10}
}

func (f *formats) verify(file string) []string {
	return []string{f.binary, "verify", "--json", "--today", "2026-11-21", "--rule", "PAIN-A5=off", file} // which warns of more than 500,000 payments
}

// xmllint is the peer for XML: its streaming validation against the official schema. It is no peer at all when the schema is not at hand.
func (f *formats) xmllint(schema string) []string {
	if f.schemas == "" {
		return nil
	}
	return []string{"xmllint", "--stream", "--noout", "--schema", filepath.Join(f.schemas, schema)}
}

// node is the peer for MT940: a script that has mt940-js read the file.
func (f *formats) node() []string {
	if f.modules == "" {
		return nil
	}
	script := filepath.Join(f.folder, "peer.js")
	text := `const m = require(` + quote(filepath.Join(f.modules, "mt940-js")) + `); const fs = require('fs');
m.read(fs.readFileSync(process.argv[2])).then(s => { const n = s.reduce((k, x) => k + x.transactions.length, 0); if (n !== ` + fmt.Sprint(formatPayments) + `) { console.error(n); process.exit(1) } });`
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		f.Fatal(err)
	}
	return []string{"node", script}
}

func quote(text string) string {
	out, err := json.Marshal(text)
	if err != nil {
		return ""
	}
	return string(out)
}

// beside measures `kontor verify` and its peer in turns: both as whole processes, by the processor time they use.
func (f *formats) beside(name, file string, peer []string, least float64) {
	var ours, theirs, ratio, speed, memory sample
	size := f.size(file)
	for range f.plan.runs {
		o := f.process(1, f.verify(file)...)
		ours = append(ours, milliseconds(o.cpu))
		memory = append(memory, float64(o.memory)/megabyte)
		speed = append(speed, float64(size)/1e6/o.cpu.Seconds())
		if peer != nil {
			p := f.process(1, append(peer, file)...)
			theirs, ratio = append(theirs, milliseconds(p.cpu)), append(ratio, p.cpu.Seconds()/o.cpu.Seconds())
		}
		f.noise.measure(f)
	}
	f.table.add(figure{name: name + ": kontor verify, processor time", unit: "ms", runs: ours})
	f.table.add(figure{name: name + ": kontor verify", unit: "MB/s", runs: speed})
	f.table.add(figure{name: name + ": kontor verify, peak memory", unit: "MB", runs: memory})
	if peer != nil {
		f.table.add(figure{name: name + ": " + peer[0] + ", processor time", unit: "ms", runs: theirs})
		f.table.add(figure{name: name + ": times as fast as " + peer[0], unit: "x", runs: ratio, demand: demand{least: least}})
	}
}

func (f *formats) size(file string) int64 {
	info, err := os.Stat(file)
	if err != nil {
		f.Fatal(err)
	}
	return info.Size()
}

// hop measures what share of the speed is reached that finding each < and > of the file has.
func (f *formats) hop(name, file string) {
	content, err := os.ReadFile(file)
	if err != nil {
		f.Fatal(err)
	}
	var share, speed sample
	for range f.plan.runs {
		begin := f.used()
		if n := hops(content); n < formatPayments {
			f.Fatal(n)
		}
		hopped := f.used() - begin
		o := f.process(1, f.verify(file)...)
		share = append(share, 100*hopped.Seconds()/o.cpu.Seconds())
		speed = append(speed, float64(len(content))/1e6/hopped.Seconds())
	}
	f.table.add(figure{name: name + ": hop from < to >", unit: "MB/s", runs: speed})
	f.table.add(figure{name: name + ": share of the hop", unit: "%", runs: share, demand: demand{least: 30}})
}

// used is the processor time of this process.
func (f *formats) used() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		f.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// hops finds each < and the > after it.
func hops(content []byte) (n int) {
	for {
		i := bytes.IndexByte(content, '<')
		if i < 0 {
			return n
		}
		content = content[i+1:]
		if i = bytes.IndexByte(content, '>'); i < 0 {
			return n
		}
		content = content[i+1:]
		n++
	}
}

// cores measures a million payments on one core and on two.
func (f *formats) cores(file string) {
	var one, two, gain, memory sample
	for range f.plan.runs {
		a, b := f.process(1, f.verify(file)...), f.process(2, f.verify(file)...)
		one, two = append(one, milliseconds(a.wall)), append(two, milliseconds(b.wall))
		gain = append(gain, a.wall.Seconds()/b.wall.Seconds())
		memory = append(memory, float64(max(a.memory, b.memory))/megabyte)
		f.noise.measure(f)
	}
	f.table.add(figure{name: "1,000,000 payments, one core", unit: "ms", runs: one})
	f.table.add(figure{name: "1,000,000 payments, two cores", unit: "ms", runs: two})
	f.table.add(figure{name: "1,000,000 payments, gain of the second core", unit: "x", runs: gain, demand: demand{least: 1.7}})
	f.table.add(figure{name: "1,000,000 payments, peak memory", unit: "MB", runs: memory, demand: demand{most: 64}})
}

// upload measures how long a payment file of 44 MB takes from the first byte over HTTP to the answer that follows its commit, beside what
// xmllint needs to validate it, and what others who write meanwhile wait.
func (f *formats) upload(in *installation, file string) {
	content, err := os.ReadFile(file)
	if err != nil {
		f.Fatal(err)
	}
	h := startHub(f, in, false)
	defer func() {
		if err := h.stop(); err != nil {
			f.Error(err)
		}
	}()
	l := newLoad(f, in, h)
	var ours, theirs, share, waits sample
	for range f.plan.runs {
		body := in.large(content, numbers.Add(1))
		stop, longest := f.writers(l)
		begin := time.Now()
		answer, err := l.post(f.Context(), rig.PathPayment, "application/xml", body, 201)
		took := time.Since(begin)
		stop()
		if err != nil || !strings.Contains(string(answer), "KON_ACCEPTED_AND_QUEUED") {
			f.Fatalf("%s, error %v", answer, err)
		}
		ours, waits = append(ours, milliseconds(took)), append(waits, milliseconds(*longest))
		if f.schemas != "" {
			p := f.process(1, append(f.xmllint("pain.001.001.09_GBIC_5.xsd"), file)...)
			theirs, share = append(theirs, milliseconds(p.wall)), append(share, took.Seconds()/p.wall.Seconds())
		}
		f.noise.measure(f)
	}
	name := in.engine + ", upload of 100,000 payments: "
	f.table.add(figure{name: name + "first byte to commit", unit: "ms", runs: ours})
	f.table.add(figure{name: name + "xmllint's validation", unit: "ms", runs: theirs})
	f.table.add(figure{name: name + "share of xmllint's time", unit: "x", runs: share, demand: demand{most: 1}})
	f.table.add(figure{name: name + "longest wait of another writer", unit: "ms", runs: waits, demand: demand{most: 100}})
}

// large is a file of the generator with an id of its own, from the account of the installation.
func (in *installation) large(content []byte, number int64) []byte {
	out := bytes.Replace(content, fmt.Appendf(nil, "<MsgId>BENCH-%d<", formatPayments), fmt.Appendf(nil, "<MsgId>BENCH-L-%012d<", number), 1)
	return bytes.ReplaceAll(out, []byte(benchdata.OwnAccount), []byte(in.iban))
}

// writers has one client submit small files, ten a second, until stopped; longest is what the slowest took.
func (f *formats) writers(l *load) (stop func(), longest *time.Duration) {
	longest = new(time.Duration)
	ctx, end := context.WithCancel(f.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			begin := time.Now()
			if err := l.submit(context.WithoutCancel(ctx)); err != nil {
				f.Error(err)
				return
			}
			*longest = max(*longest, time.Since(begin))
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
	return func() { end(); <-done }, longest
}
