package xsd

import (
	"bytes"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Documents that other people's programs have made are judged like xmllint judges them
// too, and so are they with a line gone, doubled or changed.
func TestTablesJudgeSamplesLikeXmllint(t *testing.T) {
	folder, lint := sharedSchemas(t), xmllint(t)
	samples := sampleDocuments(t, filepath.Join(folder, "..", "corpus"))
	rng := rand.New(rand.NewPCG(7, 7))
	judged, rejected := 0, 0
	for _, e := range coreEntries(t) {
		s, _ := Core(e.name())
		plan, _ := s.Bind(nil)
		var docs [][]byte
		for _, sample := range samples {
			if !bytes.Contains(sample, []byte(`"`+s.namespace+`"`)) {
				continue
			}
			docs = append(docs, sample)
			for range 8 {
				docs = append(docs, changeLine(rng, sample))
			}
		}
		if len(docs) == 0 {
			continue
		}
		valid, says := judge(t, lint, filepath.Join(folder, e.location), docs)
		for i, doc := range docs {
			judged++
			if !valid[i] {
				rejected++
			}
			if ok, why := own(plan, doc); ok != valid[i] {
				t.Errorf("%s: tables %v %.400q, xmllint %v %.400q%s", s.Name(), ok, why, valid[i], says[i], keep(t, s, doc))
			}
		}
	}
	t.Logf("%d documents of %d samples judged, %d rejected", judged, len(samples), rejected)
	if judged < 100 {
		t.Errorf("only %d documents", judged)
	}
}

func sampleDocuments(t *testing.T, folder string) (out [][]byte) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".xml") {
			return err
		}
		data, err := os.ReadFile(path)
		out = append(out, data)
		return err
	})
	if err != nil {
		t.Skipf("no sample documents: %v", err)
	}
	return out
}

func changeLine(rng *rand.Rand, doc []byte) []byte {
	lines := bytes.SplitAfter(doc, []byte("\n"))
	i := rng.IntN(len(lines))
	switch rng.IntN(3) {
	case 0:
		lines[i] = nil
	case 1:
		lines[i] = append(bytes.Clone(lines[i]), lines[i]...)
	default:
		line := bytes.Clone(lines[i])
		if a, b := bytes.IndexByte(line, '>'), bytes.LastIndexByte(line, '<'); a >= 0 && b > a+1 {
			line[a+1+rng.IntN(b-a-1)] = "0aZ /;"[rng.IntN(6)]
		}
		lines[i] = line
	}
	return bytes.Join(lines, nil)
}
