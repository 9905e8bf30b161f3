/// Certificates and keys that `CertificateMaker` does not make; none is used outside of tests.
enum Fixtures {
    /// A key that is encrypted as in PKCS #8.
    static let encryptedKey = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjz3AisfK6eqwICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEENsuXv3dMoM9ijvl1+mSA+MEgZAj
        UtcELX7pH2xj8sdHPi07p5idbARen3HvJZRngbN1PpiV497aPavmahh0oVUUrs1R
        Ac9hg3xXI7vz6dnLYsJp34UHqirjNK0oUFSOXW9dum2FV44ZU++1HCapD1F4UHA2
        wFffih0nfnem1sRlHxquFRGL4k5qgo6C0kSfYsSRDIJRgQzMAvE+VsvLShYuZKk=
        -----END ENCRYPTED PRIVATE KEY-----
        """

    /// A key that is encrypted as in RFC 1421.
    static let encryptedTraditionalKey = """
        -----BEGIN EC PRIVATE KEY-----
        Proc-Type: 4,ENCRYPTED
        DEK-Info: AES-128-CBC,AFB55D32A1DE9C1FB15C55AB1618DCE1

        zIaYHihXRrYk3ODs5D8vE1noaI3Up0g/kffUuw/UoV09wfDpYxeZ2xl/fVvIVwwP
        10JGoTVX+ALtE2vyFHx6PVDsmBzzff5WgQlC/u4g5JnD5qW5NGhKH/B2ZLHoQacP
        UmqxKaytzEpDLXky4XiYA/ARiX2ytW4VSHJU9zEPJjs=
        -----END EC PRIVATE KEY-----
        """

    /// A certificate of an RSA key with 1024 bits.
    static let weakCertificate = """
        -----BEGIN CERTIFICATE-----
        MIICHDCCAYWgAwIBAgIUOsYhARmS1nXBJxopkmeSI2KeBG0wDQYJKoZIhvcNAQEL
        BQAwFDESMBAGA1UEAwwJd2Vhay50ZXN0MCAXDTI2MTEyMTA4MTYzNFoYDzIxMjYx
        MDI4MDgxNjM0WjAUMRIwEAYDVQQDDAl3ZWFrLnRlc3QwgZ8wDQYJKoZIhvcNAQEB
        BQADgY0AMIGJAoGBAKazqLWDU1rcenK4m5c1mE4qReH3LaKagFItDJF0pYx9rSPI
        RDIGgpiPE/oRE47is8cjVMcDFSlwGOIfAj/zcGipPLjxxz3OJ1kZ8zxQfoZRuZ6f
        6sDaz6F9kl/WML3Yjx5AOK2VaNVd9MctXl6nFm/OG9SCFe8pkFa63uOylpHVAgMB
        AAGjaTBnMB0GA1UdDgQWBBTNi7yJFFk3k3FZpkN8GxOQZNf/3TAfBgNVHSMEGDAW
        gBTNi7yJFFk3k3FZpkN8GxOQZNf/3TAPBgNVHRMBAf8EBTADAQH/MBQGA1UdEQQN
        MAuCCXdlYWsudGVzdDANBgkqhkiG9w0BAQsFAAOBgQCNkwVDszKjngohRfbs0j7f
        THAZMRtt+6ATvljmtoTv/YGFLkYQPCPcO5AgkfeJktAXooKHdWLD+tm1VqGXMLzX
        F/qaNg9U3qI/ufKHplXGXeJg+4FL+lK5cHq17H2L74zV95qlZ08pqAUJD+QD7bhM
        TVYlKFWJxkDzNjaWQvX1ug==
        -----END CERTIFICATE-----
        """

    /// The key of `weakCertificate`.
    static let weakKey = """
        -----BEGIN PRIVATE KEY-----
        MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBAKazqLWDU1rcenK4
        m5c1mE4qReH3LaKagFItDJF0pYx9rSPIRDIGgpiPE/oRE47is8cjVMcDFSlwGOIf
        Aj/zcGipPLjxxz3OJ1kZ8zxQfoZRuZ6f6sDaz6F9kl/WML3Yjx5AOK2VaNVd9Mct
        Xl6nFm/OG9SCFe8pkFa63uOylpHVAgMBAAECgYB5TEsbYKabe8ihh1C3syjS35Gf
        /aK4KaHrqZn2kSEQ3DXKzqNIn1IRvjJ0CE7p7m2QHlZGxSh10XpZtuSFMhb89FCR
        8ajOYeBtIz6biNWmI/2/qIIvlOC55/Ddc7kU919NN+Hl+4tKflENn7SkMlnSUwuH
        reLD8zW0lZFKrAJ0VQJBANJkO5DBybTcdITNjwBZNzfkPU9ToerKMe/kMjJss23k
        fn2gL1BlZc6SBctqK6XQMMpwCc2PoUqa+YUXozhR/WMCQQDK1th9PRc7zR+VGaiS
        CSb1WdMGjQ9imfZ3iuabqX70nCMZ11+SL+xKStQ7b0TZcPP59eR58WMoElwPTdnY
        FZVnAkEAlwsSoGgfsVKb7EPPKEbkl6GqSmsWUYN7umeviff0ES77iKEZlrRVFKpM
        sq60S0Rd4tfwkb1N5EvCW0SPD339VQJBAKhZ7VD09WWi+EWOCEU852LX7LgRN+XE
        l7XcSU6FPWPUe6WlBiOVNu7qcH/r+B7pCvY5yioT2RKXOmVRXi9kqp0CQEuF6dCV
        YEIxIyqXPc2fpaCw7h9oo74LFwBm2cq4JgKv3QO7eujLQDcOmF6DG6n5u0+r2K02
        dIpgav6CoM+URQA=
        -----END PRIVATE KEY-----
        """

    /// A certificate of an Ed25519 key.
    static let ed25519Certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBTzCCAQGgAwIBAgIUe81FqNs7kRKsgN03nZw2yJLywVcwBQYDK2VwMBIxEDAO
        BgNVBAMMB2VkLnRlc3QwIBcNMjYxMTIxMDgxNjM0WhgPMjEyNjEwMjgwODE2MzRa
        MBIxEDAOBgNVBAMMB2VkLnRlc3QwKjAFBgMrZXADIQAxuxyE0lLOzWOw/VT45ZMf
        FbwZT49tBmKk1m61toilo6NnMGUwHQYDVR0OBBYEFFZm5xREkqHHDoLmnQaxJJXX
        6y+hMB8GA1UdIwQYMBaAFFZm5xREkqHHDoLmnQaxJJXX6y+hMA8GA1UdEwEB/wQF
        MAMBAf8wEgYDVR0RBAswCYIHZWQudGVzdDAFBgMrZXADQQD3YJJVeihM56s0Ae4b
        6RwDkivgIjLafLffqZb1Jjya/LrZlk4qbNiXeQVfXz7tCKR3DwqJraYWmEtK8MDR
        jHkB
        -----END CERTIFICATE-----
        """

    /// The key of `ed25519Certificate`.
    static let ed25519Key = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEIAgqnXwZeuXCzRiK/Yw6pXCDZkueI2UQs9WaVn0ETCWS
        -----END PRIVATE KEY-----
        """

    /// A certificate without alternative names, of a key on P-384; its owner has letters beyond
    /// ASCII.
    static let p384Certificate = """
        -----BEGIN CERTIFICATE-----
        MIICCjCCAZCgAwIBAgIUUnmVea4yr+UGpbuVKSzWNtviZi0wCgYIKoZIzj0EAwIw
        OzELMAkGA1UEBhMCREUxGDAWBgNVBAoMD03DvGxsZXIsIFPDtmhuZTESMBAGA1UE
        AwwJTkFNRS5UZXN0MCAXDTI2MTEyMTA4MTYzNFoYDzIxMjYxMDI4MDgxNjM0WjA7
        MQswCQYDVQQGEwJERTEYMBYGA1UECgwPTcO8bGxlciwgU8O2aG5lMRIwEAYDVQQD
        DAlOQU1FLlRlc3QwdjAQBgcqhkjOPQIBBgUrgQQAIgNiAAQDcz8DwhndenUbAPbW
        l0KqLr3k92hCd540mx6D9PqZQP7eVe+5jEBhfV2wg3xHe6u2nr+JZdyRYEAMsfbq
        NArn58y0104ow6DtM/iY3Pfic6ER7jjnMBMJrUVb58xR6w+jUzBRMB0GA1UdDgQW
        BBRrDUEjCfFKcyw//kuzk2Fq0tY38zAfBgNVHSMEGDAWgBRrDUEjCfFKcyw//kuz
        k2Fq0tY38zAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA2gAMGUCMAokcURn
        7EeZF8HIifM5walVTuG/YA6zbB0PbNI44hCLJknP51FlqFKgthje7FYCLwIxAMID
        RutFKyy2tXvjKIm8xw8ldRIXzLhA11xm4Lmcoz0x4zHVSAHbse5+RJUk55neIA==
        -----END CERTIFICATE-----
        """

    /// The key of `p384Certificate`, behind its parameters, as `openssl ecparam -genkey` writes it.
    static let p384Key = """
        -----BEGIN EC PARAMETERS-----
        BgUrgQQAIg==
        -----END EC PARAMETERS-----
        -----BEGIN EC PRIVATE KEY-----
        MIGkAgEBBDAJhYD1T9AKQTInJuqIqrkxuZAXcPjEezprftREWKVTILYzetWiJQEv
        468CZhWXZg+gBwYFK4EEACKhZANiAAQDcz8DwhndenUbAPbWl0KqLr3k92hCd540
        mx6D9PqZQP7eVe+5jEBhfV2wg3xHe6u2nr+JZdyRYEAMsfbqNArn58y0104ow6Dt
        M/iY3Pfic6ER7jjnMBMJrUVb58xR6w8=
        -----END EC PRIVATE KEY-----
        """
}
