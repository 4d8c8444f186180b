// Package e2e plays Kontor as its users meet it: the built binary as hub and as sandbox bank, each a process of its own, over real TLS on
// loopback, on SQLite and on PostgreSQL. It holds tests only; what starts, kills and steers the processes is package rig.
//
// The tests that kill processes at named points, or set their clock, need the build tag killpoints: go test -tags killpoints -run Killed ./e2e/
//
// KONTOR_LONG=1 asks for the long form: more cases and more rounds of what the short form shows.
//
// KONTOR_SEED repeats the random moments of an earlier run. KONTOR_E2E_KEEP names a folder in which data and logs are kept.
package e2e
