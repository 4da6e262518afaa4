//! SSH, with the handshake done by the host.

use std::io::{self, Read, Write};

use crate::backend::{Duplex, Host};
use crate::{Result, Secret};

/// A command on a remote host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshCommand {
    /// Name or address.
    pub host: String,
    /// Usually 22.
    pub port: u16,
    /// e.g. `git`.
    pub user: String,
    /// e.g. `git-upload-pack '/owner/name'`.
    pub command: String,
}

/// Connections whose handshake is the host's.
pub struct Tunnel<'a>(pub(crate) &'a dyn Host);

impl Tunnel<'_> {
    /// The credential has the keys `identity` and `known_hosts`. A host that does not serve SSH says so
    /// with [`Class::Unsupported`](crate::Class::Unsupported).
    pub fn ssh(&self, command: &SshCommand, credential: &Secret) -> Result<Channel> {
        self.0.ssh(command, &*credential.0).map(Channel)
    }
}

/// Standard input and output of the remote command.
pub struct Channel(Duplex);

impl Channel {
    /// Fingerprint of the host key that was verified.
    pub fn peer_key(&self) -> &str {
        &self.0.peer_key
    }

    /// Both halves, to be used side by side.
    pub fn split(self) -> (Box<dyn Read>, Box<dyn Write>) {
        (self.0.reader, self.0.writer)
    }
}

impl Read for Channel {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.reader.read(buffer)
    }
}

impl Write for Channel {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.writer.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.writer.flush()
    }
}
