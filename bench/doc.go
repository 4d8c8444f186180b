// Package bench measures whole processes: how large the binary is, what an idle hub costs, how soon it is ready, and how many payment
// files it takes in per second beside what the bare database allows. `make bench` runs it; the results are in docs/reference/figures.md.
//
// A figure is the median of several runs with the smallest and largest, and the hub's runs alternate with those of its peer, so that a
// change of the machine's mood meets both. Between the runs a loop of fixed work tells how much the machine itself varies.
//
// During the load nothing is sent: the contact's bank is postponed, as after a failed connection, so that files are queued and their jobs
// find nothing to do. All rows of a submission are written as ever.
//
// KONTOR_BENCH_BINARY names the binary to measure, default is one built as `make build` does. KONTOR_BENCH_SHORT=1 makes fewer and
// shorter runs. KONTOR_BENCH_ENGINE=sqlite or =postgres leaves the other one out. KONTOR_BENCH_PROFILE=1 runs the hub inside the test
// binary, so that `go test -cpuprofile` sees it.
package bench
