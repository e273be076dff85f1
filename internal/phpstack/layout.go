package phpstack

// A layout is where a minor version of PHP keeps what we read: offsets in bytes within its structures, on 64-bit machines, which
// are little-endian and alike in this, for a PHP without threads.
type layout struct {
	current  uint64 // zend_executor_globals.current_execute_data
	opcodes  uint64 // zend_op_array.opcodes
	last     uint64 // zend_op_array.last: how many they are
	filename uint64 // zend_op_array.filename
}

// layouts has one entry for each minor version. The number of a field counts the bytes of those before it in the structure's
// declaration, Zend/zend_globals.h and Zend/zend_compile.h. Only 8.2 was run. 8.3 was counted in its headers; 8.1, 8.4 and 8.5 from the
// order of their fields, and agree in current and filename with the offsets that phpspy publishes for them. A wrong number is found
// when a generation starts: its stack is compared with a known one, and stacks are off if it differs.
var layouts = map[string]layout{
	// 8.1: `T` stands beside `last`, and run_time_cache behind opcodes.
	"8.1": {current: 488, opcodes: 72, last: 68, filename: 144},
	// Of 8.2: `T` and run_time_cache became common to all functions and moved before cache_size. Checked by offsetof against
	// Debian's headers of 8.2.36, and by every test of this package.
	"8.2": {current: 488, opcodes: 88, last: 80, filename: 152},
	// Of 8.3: run_time_cache before `T`, which leaves no gap.
	"8.3": {current: 488, opcodes: 80, last: 76, filename: 144},
	// Of 8.4: doc_comment and prop_info became common to all functions.
	"8.4": {current: 488, opcodes: 104, last: 96, filename: 168},
	// Of 8.5: executor_globals has fatal_error_backtrace_on and last_fatal_error_backtrace before exit_status.
	"8.5": {current: 512, opcodes: 104, last: 96, filename: 168},
}

// What has been in the same place from 8.1 to 8.5.
const (
	// zend_execute_data, zend_compile.h
	frameOpline = 0
	frameFunc   = 24
	frameThis   = 32
	frameInfo   = 40 // This.u1: the type of This in the lowest byte, then call_info
	framePrev   = 48
	frameSize   = 56 // what we read of it

	// zend_function, zend_compile.h
	funcType  = 0
	funcName  = 8
	funcScope = 16
	funcSize  = 176 // what we read of it: up to the end of filename

	// zend_op, zend_compile.h
	opLine = 24
	opSize = 32

	// zend_string, zend_types.h
	stringLen = 16
	stringVal = 24

	// zend_class_entry, zend.h
	className = 8
)

// Values of zend_function.type, zend_compile.h.
const (
	internalFunction = 1
	userFunction     = 2
	evalCode         = 4
)

// What frameInfo says.
const (
	isObject = 8       // the type of a This that holds an object, zend_types.h
	topCall  = 1 << 17 // ZEND_CALL_TOP: called by PHP itself, as the bottom frame is; zend_compile.h
)

// A delegation is where zend_generator, zend_generators.h, keeps its own frame and the generator that it delegates to by
// "yield from".
type delegation struct{ frame, parent uint64 }

// delegations go by the offset of execute_fake, which a placeholder frame gives away: it is that member. 8.1 may have two
// pointers for one child (192), and before that an iterator (200); from 8.2 on it is 184.
var delegations = map[uint64]delegation{
	184: {frame: 56, parent: 152},
	192: {frame: 56, parent: 152},
	200: {frame: 64, parent: 160},
}
