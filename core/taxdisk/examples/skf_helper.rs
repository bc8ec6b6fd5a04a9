//! The helper process of vendors' libraries, as the program's hidden command is; for tests, and for trying a library out. Arguments are for
//! the library: that of the tests keeps its counters in the folder that is named first.

use std::io::{self, BufReader};

fn main() -> io::Result<()> {
    piaoxia_taxdisk::skf::serve(BufReader::new(io::stdin()), &mut io::stdout())
}
