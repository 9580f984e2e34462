// Reads questions from standard input and writes answers, as real_clients.cpp says.
package main

import (
	"bufio"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

func verifies(server []byte, roots *x509.CertPool) bool {
	certificate, err := x509.ParseCertificate(server)
	if err != nil {
		return false
	}
	_, err = certificate.Verify(x509.VerifyOptions{Roots: roots})
	return err == nil
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	fmt.Fprintln(out, "Go", strings.TrimPrefix(runtime.Version(), "go"))
	var certificates [][]byte
	picked := func(numbers string) (chosen [][]byte) {
		for _, number := range strings.Split(numbers, ",") {
			i, err := strconv.Atoi(number)
			if err != nil {
				panic(err)
			}
			chosen = append(chosen, certificates[i])
		}
		return
	}
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		switch fields[0] {
		case "certificate":
			der, err := hex.DecodeString(fields[1])
			if err != nil {
				panic(err)
			}
			certificates = append(certificates, der)
		case "question":
			roots := x509.NewCertPool()
			for _, der := range picked(fields[1]) {
				roots.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
			}
			for _, server := range picked(fields[2]) {
				if verifies(server, roots) {
					out.WriteByte('+')
				} else {
					out.WriteByte('-')
				}
			}
			out.WriteByte('\n')
		}
	}
	if err := lines.Err(); err != nil {
		panic(err)
	}
}
