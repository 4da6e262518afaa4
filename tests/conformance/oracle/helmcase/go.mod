module weir.dev/oracle/helmcase

go 1.26.0
