// The quantum Fourier transform of |0101>, a part of it through a gate of its own.
OPENQASM 2.0;
include "qelib1.inc";

gate step(angle) control, target { cu1(angle / 2) control, target; }

qreg a[2];
qreg b[2];
creg c[2];
x a[1]; x b[1];
barrier a, b;
h a[0];
step(pi) a[1], a[0];
step(pi/2) b[0], a[0];
step(pi/2^2) b[1], a[0];
h a[1];
step(pi) b[0], a[1];
step(pi/2) b[1], a[1];
h b[0];
step(pi) b[1], b[0];
h b[1];
swap a[0], b[1];
swap a[1], b[0];
measure b -> c;
