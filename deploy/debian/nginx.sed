# What the templates of nginx/ leave open.
s/\${COMPORTA_NGINX_USER}//
s/\${COMPORTA_NGINX_FILES}/16384/
s/\${COMPORTA_LISTEN}/8080/
s/\${COMPORTA_PRIVATE_LISTEN}/127.0.0.1:9080/
s/\${COMPORTA_ACCESS_LOG}/syslog:server=unix:\/dev\/log,nohostname,tag=comporta_page/
s/\${COMPORTA_GATEWAY_SERVERS}/server 127.0.0.1:8081;/
s/\${COMPORTA_STORAGE_SERVERS}/server 127.0.0.1:8082;/
s/\${COMPORTA_CACHE_SERVERS}/server 127.0.0.1:8083;/
s/\${COMPORTA_CLIENT_RATE}/500/
s/\${COMPORTA_CLIENT_BURST}/1000/
s/\${COMPORTA_KEPT_CLIENT}/1h/
s/\${COMPORTA_BELIEVED}//
s/\${COMPORTA_REAL_ADDRESSES}//
s/\${COMPORTA_STATIC}/\/usr\/share\/comporta\/static/
# What they say of being filled in.
s/ \${COMPORTA_…} are replaced.*//
/^# before the start, by deploy\/native/d
